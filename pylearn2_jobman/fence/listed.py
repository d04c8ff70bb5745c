"""What ``pylearn2.*`` stands for in ``JOBMAN_ALLOW``: every name, and what it may be used for.

A name that is not here is not reached, however it is spelt. ``tests/fence/test_listed.py`` fails
for what YAML files can name and is not classified, and builds everything from arguments of all
kinds to see that it does no more than its mark says.
"""

__all__ = ["ALWAYS", "IN_PICKLES", "LISTED", "NOT_LISTED", "STAND_INS", "Effect", "Mark", "Use"]

from dataclasses import dataclass
from enum import Enum


class Effect(Enum):
    """What building an object, or calling a function, does beside that."""

    PURE = "pure"
    """Nothing: it reads no file and writes none."""
    READS = "reads"
    """It reads files whose paths it is given, or those of a dataset."""
    WRITES = "writes"
    """It, or the object while it is trained, writes a file whose path it is given."""


class Use(Enum):
    """What somebody who names a thing wants of it."""

    BUILD = "!obj:"
    """To call it with named arguments."""
    ARGUMENT = "!import"
    """To hand it over as it is, to what may call it with anything."""
    RUN = "an experiment or extractor"
    """To call it with a job's state and channel, or with what was trained."""


@dataclass(frozen=True)
class Mark:
    """What a listed name may be used for, and what that does."""

    effect: Effect = Effect.PURE
    uses: frozenset[Use] = frozenset({Use.BUILD})


PURE = Mark()
PURE_ARGUMENT = Mark(uses=frozenset({Use.BUILD, Use.ARGUMENT}))
READS = Mark(Effect.READS)
WRITES = Mark(Effect.WRITES)
RUN = Mark(Effect.WRITES, frozenset({Use.RUN}))

ALWAYS: dict[str, Mark] = {
    # These do only what the names that a job gives allow.
    "pylearn2_jobman.experiment.results_extractor": RUN,
    "pylearn2_jobman.experiment.train_experiment": RUN,
    "jobman.search.propose": RUN,
    # Plain data.
    "builtins.dict": PURE,
    "builtins.slice": PURE,
    # What YAML files read arrays and draw numbers with.
    "numpy.load": READS,
    "numpy.random.RandomState": PURE,
    "numpy.random.mtrand.RandomState": PURE,
}
"""What every list allows."""

STAND_INS = {"numpy.load": "pylearn2_jobman.fence.arrays.load"}
"""What a job gets by a name, where the thing itself would do more than it may."""

LISTED: dict[str, Mark] = {
    "jobman.examples.def_addition.addition_example": RUN,
    "pylearn2_jobman.adapters.estimator.EstimatorTrainer": WRITES,
    "pylearn2_jobman.adapters.lightning.LightningTrainer": WRITES,
    "pylearn2_jobman.adapters.module.ModuleTrainer": WRITES,
    "pylearn2.blocks.Block": PURE,
    "pylearn2.blocks.StackedBlocks": PURE,
    "pylearn2.corruption.BinomialCorruptor": PURE,
    "pylearn2.corruption.BinomialSampler": PURE,
    "pylearn2.corruption.ComposedCorruptor": PURE,
    "pylearn2.corruption.Corruptor": PURE,
    "pylearn2.corruption.DropoutCorruptor": PURE,
    "pylearn2.corruption.DummyCorruptor": PURE,
    "pylearn2.corruption.GaussianCorruptor": PURE,
    "pylearn2.corruption.MultinomialSampler": PURE,
    "pylearn2.corruption.OneHotCorruptor": PURE,
    "pylearn2.corruption.SaltPepperCorruptor": PURE,
    "pylearn2.corruption.SmoothOneHotCorruptor": PURE,
    "pylearn2.costs.autoencoder.MeanBinaryCrossEntropy": PURE,
    "pylearn2.costs.autoencoder.MeanSquaredReconstructionError": PURE,
    "pylearn2.costs.autoencoder.SparseActivation": PURE,
    "pylearn2.costs.cost.Cost": PURE,
    "pylearn2.costs.cost.DefaultDataSpecsMixin": PURE,
    "pylearn2.costs.cost.FixedVarDescr": PURE,
    "pylearn2.costs.cost.LpPenalty": PURE,
    "pylearn2.costs.cost.MethodCost": PURE,
    "pylearn2.costs.cost.NullDataSpecsMixin": PURE,
    "pylearn2.costs.cost.SumOfCosts": PURE,
    "pylearn2.costs.cost.SupervisedCost": PURE,
    "pylearn2.costs.cost.UnsupervisedCost": PURE,
    "pylearn2.costs.ebm_estimation.CDk": PURE,
    "pylearn2.costs.ebm_estimation.NCE": PURE,
    "pylearn2.costs.ebm_estimation.SMD": PURE,
    "pylearn2.costs.ebm_estimation.SML": PURE,
    "pylearn2.costs.mlp.Default": PURE,
    "pylearn2.costs.mlp.L1WeightDecay": PURE,
    "pylearn2.costs.mlp.WeightDecay": PURE,
    "pylearn2.costs.mlp.dropout.Dropout": PURE,
    "pylearn2.costs.mlp.missing_target_cost.MissingTargetCost": PURE,
    "pylearn2.datasets.Dataset": PURE,
    "pylearn2.datasets.DenseDesignMatrix": PURE,
    "pylearn2.datasets.binarizer.Binarizer": PURE,
    "pylearn2.datasets.cifar10.CIFAR10": READS,
    "pylearn2.datasets.csv_dataset.CSVDataset": READS,
    "pylearn2.datasets.dense_design_matrix.DefaultViewConverter": PURE,
    "pylearn2.datasets.dense_design_matrix.DenseDesignMatrix": PURE,
    "pylearn2.datasets.dense_design_matrix.convert_to_one_hot": PURE,
    "pylearn2.datasets.dense_design_matrix.dataset_range": PURE,
    "pylearn2.datasets.dense_design_matrix.from_dataset": PURE,
    "pylearn2.datasets.dense_design_matrix.set_axes": PURE,
    "pylearn2.datasets.mnist.MNIST": READS,
    "pylearn2.datasets.mnist.read_idx": READS,
    "pylearn2.datasets.npy_npz.NpyDataset": READS,
    "pylearn2.datasets.npy_npz.NpzDataset": READS,
    "pylearn2.datasets.preprocessing.CentralWindow": PURE,
    "pylearn2.datasets.preprocessing.ExamplewisePreprocessor": PURE,
    "pylearn2.datasets.preprocessing.ExtractGridPatches": PURE,
    "pylearn2.datasets.preprocessing.ExtractPatches": PURE,
    "pylearn2.datasets.preprocessing.GlobalContrastNormalization": PURE,
    "pylearn2.datasets.preprocessing.LeCunLCN": PURE,
    "pylearn2.datasets.preprocessing.MakeUnitNorm": PURE,
    "pylearn2.datasets.preprocessing.PCA": PURE,
    "pylearn2.datasets.preprocessing.Pipeline": PURE,
    "pylearn2.datasets.preprocessing.Preprocessor": PURE,
    "pylearn2.datasets.preprocessing.ReassembleGridPatches": PURE,
    "pylearn2.datasets.preprocessing.RemoveMean": PURE,
    "pylearn2.datasets.preprocessing.ShuffleAndSplit": PURE,
    "pylearn2.datasets.preprocessing.Standardize": PURE,
    "pylearn2.datasets.preprocessing.ZCA": PURE,
    "pylearn2.datasets.svhn.SVHN": READS,
    "pylearn2.datasets.svhn.SVHN_On_Memory": READS,
    "pylearn2.datasets.tfd.TFD": READS,
    "pylearn2.datasets.transformer_dataset.TransformerDataset": PURE,
    "pylearn2.datasets.vector_spaces_dataset.VectorSpacesDataset": PURE,
    "pylearn2.datasets.zca_dataset.ZCA_Dataset": PURE,
    "pylearn2.energy_functions.rbm_energy.GRBM_Type_1": PURE_ARGUMENT,
    "pylearn2.energy_functions.rbm_energy.grbm_type_1": PURE,
    "pylearn2.expr.activations.hard_tanh": PURE_ARGUMENT,
    "pylearn2.expr.activations.identity": PURE_ARGUMENT,
    "pylearn2.expr.activations.relu": PURE_ARGUMENT,
    "pylearn2.expr.activations.rescaled_softplus": PURE_ARGUMENT,
    "pylearn2.format.target_format.OneHotFormatter": PURE,
    "pylearn2.format.target_format.compressed_one_hot": PURE,
    "pylearn2.format.target_format.convert_to_one_hot": PURE,
    "pylearn2.linear.matrixmul.MatrixMul": PURE,
    "pylearn2.model_extensions.model_extension.ModelExtension": PURE,
    "pylearn2.model_extensions.norm_constraint.ConstrainFilterL2Norm": PURE,
    "pylearn2.model_extensions.norm_constraint.ConstrainFilterMaxNorm": PURE,
    "pylearn2.model_extensions.norm_constraint.MaxL2FilterNorm": PURE,
    "pylearn2.models.Model": PURE,
    "pylearn2.models.autoencoder.Autoencoder": PURE,
    "pylearn2.models.autoencoder.ContractiveAutoencoder": PURE,
    "pylearn2.models.autoencoder.DeepComposedAutoencoder": PURE,
    "pylearn2.models.autoencoder.DenoisingAutoencoder": PURE,
    "pylearn2.models.autoencoder.HigherOrderContractiveAutoencoder": PURE,
    "pylearn2.models.autoencoder.StackedDenoisingAutoencoder": PURE,
    "pylearn2.models.autoencoder.UntiedAutoencoder": PURE,
    "pylearn2.models.autoencoder.build_stacked_ae": PURE,
    "pylearn2.models.kmeans.KMeans": PURE,
    "pylearn2.models.maxout.Maxout": PURE,
    "pylearn2.models.maxout.MaxoutConvC01B": PURE,
    "pylearn2.models.mlp.CompositeLayer": PURE,
    "pylearn2.models.mlp.ConvElemwise": PURE,
    "pylearn2.models.mlp.ConvNonlinearity": PURE,
    "pylearn2.models.mlp.ConvRectifiedLinear": PURE,
    "pylearn2.models.mlp.FlattenerLayer": PURE,
    "pylearn2.models.mlp.IdentityConvNonlinearity": PURE,
    "pylearn2.models.mlp.Layer": PURE,
    "pylearn2.models.mlp.Linear": PURE,
    "pylearn2.models.mlp.LinearGaussian": PURE,
    "pylearn2.models.mlp.MLP": PURE,
    "pylearn2.models.mlp.PretrainedLayer": PURE,
    "pylearn2.models.mlp.RectifiedLinear": PURE,
    "pylearn2.models.mlp.RectifierConvNonlinearity": PURE,
    "pylearn2.models.mlp.Sigmoid": PURE,
    "pylearn2.models.mlp.SigmoidConvNonlinearity": PURE,
    "pylearn2.models.mlp.Softmax": PURE,
    "pylearn2.models.mlp.SoftmaxPool": PURE,
    "pylearn2.models.mlp.Softplus": PURE,
    "pylearn2.models.mlp.SpaceConverter": PURE,
    "pylearn2.models.mlp.Tanh": PURE,
    "pylearn2.models.mlp.TanhConvNonlinearity": PURE,
    "pylearn2.models.mlp.WindowLayer": PURE,
    "pylearn2.models.mlp.beta_from_design": PURE,
    "pylearn2.models.mlp.beta_from_features": PURE,
    "pylearn2.models.mlp.beta_from_targets": PURE,
    "pylearn2.models.mlp.mean_of_targets": PURE,
    "pylearn2.models.pca.Cov": PURE,
    "pylearn2.models.pca.CovEigPCA": PURE,
    "pylearn2.models.pca.SVDPCA": PURE,
    "pylearn2.models.rbm.BlockGibbsSampler": PURE,
    "pylearn2.models.rbm.GaussianBinaryRBM": PURE,
    "pylearn2.models.rbm.RBM": PURE,
    "pylearn2.models.rbm.build_stacked_RBM": PURE,
    "pylearn2.models.softmax_regression.SoftmaxRegression": PURE,
    "pylearn2.space.CompositeSpace": PURE,
    "pylearn2.space.Conv2DSpace": PURE,
    "pylearn2.space.IndexSpace": PURE,
    "pylearn2.space.NullSpace": PURE,
    "pylearn2.space.Space": PURE,
    "pylearn2.space.VectorSpace": PURE,
    "pylearn2.termination_criteria.And": PURE,
    "pylearn2.termination_criteria.ChannelInf": PURE,
    "pylearn2.termination_criteria.ChannelTarget": PURE,
    "pylearn2.termination_criteria.EpochCounter": PURE,
    "pylearn2.termination_criteria.MatchChannel": PURE,
    "pylearn2.termination_criteria.MonitorBased": PURE,
    "pylearn2.termination_criteria.Or": PURE,
    "pylearn2.termination_criteria.TerminationCriterion": PURE,
    "pylearn2.termination_criteria.all_criteria": PURE,
    "pylearn2.testing.datasets.random_dense_design_matrix": PURE,
    "pylearn2.testing.datasets.random_one_hot_dense_design_matrix": PURE,
    "pylearn2.testing.datasets.random_one_hot_topological_dense_design_matrix": PURE,
    "pylearn2.train.Train": WRITES,
    "pylearn2.train_extensions.TrainExtension": PURE,
    "pylearn2.train_extensions.best_params.KeepBestParams": PURE,
    "pylearn2.train_extensions.best_params.MonitorBasedSaveBest": WRITES,
    "pylearn2.train_extensions.roc_auc.RocAucChannel": PURE,
    "pylearn2.train_extensions.window_flip.WindowAndFlip": PURE,
    "pylearn2.training_algorithms.bgd.BGD": PURE,
    "pylearn2.training_algorithms.default.DefaultTrainingAlgorithm": PURE,
    "pylearn2.training_algorithms.default.TrainAll": PURE,
    "pylearn2.training_algorithms.learning_rule.AdaDelta": PURE,
    "pylearn2.training_algorithms.learning_rule.AdaGrad": PURE,
    "pylearn2.training_algorithms.learning_rule.LearningRule": PURE,
    "pylearn2.training_algorithms.learning_rule.Momentum": PURE,
    "pylearn2.training_algorithms.learning_rule.MomentumAdjustor": PURE,
    "pylearn2.training_algorithms.learning_rule.PlainRule": PURE,
    "pylearn2.training_algorithms.learning_rule.RMSProp": PURE,
    "pylearn2.training_algorithms.sgd.AnnealedLearningRate": PURE,
    "pylearn2.training_algorithms.sgd.EpochMonitor": PURE,
    "pylearn2.training_algorithms.sgd.ExponentialDecay": PURE,
    "pylearn2.training_algorithms.sgd.LinearDecay": PURE,
    "pylearn2.training_algorithms.sgd.LinearDecayOverEpoch": PURE,
    "pylearn2.training_algorithms.sgd.MonitorBasedLRAdjuster": PURE,
    "pylearn2.training_algorithms.sgd.OneOverEpoch": PURE,
    "pylearn2.training_algorithms.sgd.PolyakAveraging": WRITES,
    "pylearn2.training_algorithms.sgd.SGD": PURE,
    "pylearn2.utils.iteration.BatchwiseShuffledSequentialIterator": PURE_ARGUMENT,
    "pylearn2.utils.iteration.EvenBatchwiseShuffledSequentialIterator": PURE_ARGUMENT,
    "pylearn2.utils.iteration.EvenSequentialSubsetIterator": PURE_ARGUMENT,
    "pylearn2.utils.iteration.EvenShuffledSequentialIterator": PURE_ARGUMENT,
    "pylearn2.utils.iteration.RandomSliceSubsetIterator": PURE_ARGUMENT,
    "pylearn2.utils.iteration.RandomUniformSubsetIterator": PURE_ARGUMENT,
    "pylearn2.utils.iteration.SequentialSubsetIterator": PURE_ARGUMENT,
    "pylearn2.utils.iteration.ShuffledSequentialSubsetIterator": PURE_ARGUMENT,
    "pylearn2.utils.serial.load": READS,
    "pylearn2.scripts.jobman.tester.result_extractor": RUN,
}
"""What YAML files and job tables may name."""

NOT_LISTED = {
    "pylearn2.datasets.hdf5.HDF5Dataset": "a file of HDF5 names others, which HDF5 opens by itself",
}
"""What YAML files can name and no pattern allows, and the reason."""

IN_PICKLES: frozenset[str] = frozenset(
    {
        # The models of adapters.
        "pylearn2_jobman.adapters.estimator.EstimatorModel",
        "pylearn2_jobman.adapters.module.ModuleModel",
        # Listed classes, where they really are.
        "pylearn2.datasets.dataset.Dataset",
        "pylearn2.datasets.image_preprocessing.CentralWindow",
        "pylearn2.datasets.image_preprocessing.ExtractGridPatches",
        "pylearn2.datasets.image_preprocessing.ExtractPatches",
        "pylearn2.datasets.image_preprocessing.LeCunLCN",
        "pylearn2.datasets.image_preprocessing.ReassembleGridPatches",
        "pylearn2.datasets.preprocessor.ExamplewisePreprocessor",
        "pylearn2.datasets.preprocessor.Preprocessor",
        "pylearn2.datasets.view_converter.DefaultViewConverter",
        "pylearn2.models.deep_autoencoder.DeepComposedAutoencoder",
        "pylearn2.models.deep_autoencoder.StackedDenoisingAutoencoder",
        "pylearn2.models.encoders.Autoencoder",
        "pylearn2.models.gibbs.BlockGibbsSampler",
        "pylearn2.models.layers.composite.CompositeLayer",
        "pylearn2.models.layers.composite.FlattenerLayer",
        "pylearn2.models.layers.composite.PretrainedLayer",
        "pylearn2.models.layers.conv_nonlinearity.ConvNonlinearity",
        "pylearn2.models.layers.conv_nonlinearity.IdentityConvNonlinearity",
        "pylearn2.models.layers.conv_nonlinearity.RectifierConvNonlinearity",
        "pylearn2.models.layers.conv_nonlinearity.SigmoidConvNonlinearity",
        "pylearn2.models.layers.conv_nonlinearity.TanhConvNonlinearity",
        "pylearn2.models.layers.converting.SpaceConverter",
        "pylearn2.models.layers.converting.WindowLayer",
        "pylearn2.models.layers.convolution.ConvElemwise",
        "pylearn2.models.layers.convolution.ConvRectifiedLinear",
        "pylearn2.models.layers.gaussian.LinearGaussian",
        "pylearn2.models.layers.layer.Layer",
        "pylearn2.models.layers.linear.Linear",
        "pylearn2.models.layers.linear.RectifiedLinear",
        "pylearn2.models.layers.linear.Softplus",
        "pylearn2.models.layers.linear.Tanh",
        "pylearn2.models.layers.maxout_convolution.MaxoutConvC01B",
        "pylearn2.models.layers.sigmoid.Sigmoid",
        "pylearn2.models.layers.softmax.Softmax",
        "pylearn2.models.layers.softmax_pool.SoftmaxPool",
        "pylearn2.models.model.Model",
        "pylearn2.training_algorithms.averaging.PolyakAveraging",
        "pylearn2.training_algorithms.schedules.AnnealedLearningRate",
        "pylearn2.training_algorithms.schedules.EpochMonitor",
        "pylearn2.training_algorithms.schedules.ExponentialDecay",
        "pylearn2.training_algorithms.schedules.LinearDecay",
        "pylearn2.training_algorithms.schedules.LinearDecayOverEpoch",
        "pylearn2.training_algorithms.schedules.MonitorBasedLRAdjuster",
        "pylearn2.training_algorithms.schedules.OneOverEpoch",
        # What these are made of.
        "pylearn2.channels.Channels",
        "pylearn2.channels.MonitorChannel",
        "pylearn2.linear.matrixmul.MatrixMul",
        "pylearn2.models.gibbs.ChainLearner",
        "pylearn2.models.layers.weights.InitialWeights",
        "pylearn2.models.prediction.DataView",
        "pylearn2.models.layers.weights.NormLimits",
        "pylearn2.monitor.Monitor",
        "pylearn2.monitor.MonitorChannel",
        "pylearn2.records.MonitorRecords",
        "pylearn2.utils.rng.MRGStreams",
        "pylearn2.utils.rng.RandomCallRecord",
        "pylearn2.utils.rng.Streams",
        "pylearn2.utils.shared.SharedNumber",
    }
)
"""Classes that saved models hold besides: a pickle may have instances of them."""
