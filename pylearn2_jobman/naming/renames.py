"""Where classes that moved in pylearn2's history live now: one line a move.

People's YAML files name classes by the homes of 2011 to 2016. A name that leads nowhere is looked
up here; each one used gives one warning that says the new name.
"""

__all__ = ["modules_with_moves", "new_home", "why_gone"]

# Old name -> new name. ``*`` stands for every name of a module; an exact line wins over a ``*``.
_MOVES = {
    "pylearn2.activations.*": "pylearn2.expr.activations.*",
    "pylearn2.autoencoder.*": "pylearn2.models.autoencoder.*",
    "pylearn2.autoencoder.ContractingAutoencoder": (
        "pylearn2.models.autoencoder.ContractiveAutoencoder"
    ),
    "pylearn2.base.*": "pylearn2.blocks.*",
    "pylearn2.costs.cost.LpNorm": "pylearn2.costs.cost.LpPenalty",
    "pylearn2.costs.cost.LxReg": "pylearn2.costs.cost.LpPenalty",
    "pylearn2.costs.cost.make_method_cost": "pylearn2.costs.cost.MethodCost",
    "pylearn2.costs.general_cost.*": "pylearn2.costs.cost.*",
    "pylearn2.costs.general_cost.LxReg": "pylearn2.costs.cost.LpPenalty",
    "pylearn2.costs.general_cost.ScaledCost": "pylearn2.costs.cost.SumOfCosts",
    "pylearn2.costs.autoencoder.ModelMethodPenalty": "pylearn2.costs.cost.MethodCost",
    "pylearn2.costs.autoencoder.ScaleBy": "pylearn2.costs.cost.SumOfCosts",
    "pylearn2.costs.cost.ScaledCost": "pylearn2.costs.cost.SumOfCosts",
    "pylearn2.costs.cost.scaled_cost": "pylearn2.costs.cost.SumOfCosts",
    "pylearn2.costs.mlp.missingvalues_cost.MeanSquareMissingValueCost": (
        "pylearn2.costs.mlp.missing_target_cost.MissingTargetCost"
    ),
    "pylearn2.cross_validation.DatasetKFold": (
        "pylearn2.cross_validation.dataset_iterators.DatasetKFold"
    ),
    "pylearn2.cross_validation.PretrainedLayers": (
        "pylearn2.cross_validation.mlp.PretrainedLayerCV"
    ),
    "pylearn2.cross_validation.StackedBlocksCV": "pylearn2.cross_validation.blocks.StackedBlocksCV",
    "pylearn2.cross_validation.TransformerDatasetCV": (
        "pylearn2.cross_validation.dataset_iterators.TransformerDatasetCV"
    ),
    "pylearn2.cross_validation.train_extensions.*": (
        "pylearn2.cross_validation.train_cv_extensions.*"
    ),
    "pylearn2.datasets.new_norb.SmallNORB": "pylearn2.datasets.norb.SmallNORB",
    "pylearn2.datasets.penntree.PennTreebank": (
        "pylearn2.sandbox.nlp.datasets.penntree.PennTreebank"
    ),
    "pylearn2.datasets.preprocessing.LeCunLCNChannels": "pylearn2.datasets.preprocessing.LeCunLCN",
    "pylearn2.datasets.preprocessing.LeCunLCN_ICPR": "pylearn2.datasets.preprocessing.LeCunLCN",
    "pylearn2.datasets.svhn.SVHN_Light": "pylearn2.datasets.svhn.SVHN_On_Memory",
    "pylearn2.datasets.tfd.UnsupervisedTFD": "pylearn2.datasets.tfd.TFD",
    "pylearn2.expr.stochastic_max_pool.*": "pylearn2.expr.stochastic_pool.*",
    "pylearn2.kmeans.KMeans": "pylearn2.models.kmeans.KMeans",
    "pylearn2.linear.conv2D.*": "pylearn2.linear.conv2d.*",
    "pylearn2.model_extensions.norm_constraint.MaxL2ColNorm": (
        "pylearn2.model_extensions.norm_constraint.ConstrainFilterL2Norm"
    ),
    "pylearn2.models.dbm.BinaryVisLayer": "pylearn2.models.dbm.BinaryVector",
    "pylearn2.models.dense_binary_dbm.*": "pylearn2.models.dbm.*",
    "pylearn2.models.mlp.L1Penalty": "pylearn2.costs.mlp.L1WeightDecay",
    "pylearn2.models.mlp.L1WeightDecay": "pylearn2.costs.mlp.L1WeightDecay",
    "pylearn2.models.mlp.LinearConvNonlinearity": "pylearn2.models.mlp.IdentityConvNonlinearity",
    "pylearn2.models.mlp.ProjectionLayer": "pylearn2.sandbox.nlp.models.mlp.ProjectionLayer",
    "pylearn2.models.mlp.RBM_Layer": "pylearn2.models.mlp.PretrainedLayer",
    "pylearn2.models.mlp.WeightDecay": "pylearn2.costs.mlp.WeightDecay",
    "pylearn2.monitor.Channel": "pylearn2.monitor.MonitorChannel",
    "pylearn2.pca.*": "pylearn2.models.pca.*",
    "pylearn2.rbm.*": "pylearn2.models.rbm.*",
    "pylearn2.scripts.jobman.train_experiment": (  # as pylearn2's page on jobman has it
        "pylearn2.scripts.jobman.experiment.train_experiment"
    ),
    "pylearn2.scripts.train.Train": "pylearn2.train.Train",
    "pylearn2.space.SimpleTypedSpace": "pylearn2.space.SimplyTypedSpace",
    "pylearn2.space.TypedSpace": "pylearn2.space.SimplyTypedSpace",
    "pylearn2.termination_criteria.MonitorBasedTermCrit": (
        "pylearn2.termination_criteria.MonitorBased"
    ),
    "pylearn2.train_extensions.best_params.MonitorBasedStoreBest": (
        "pylearn2.train_extensions.best_params.MonitorBasedSaveBest"
    ),
    "pylearn2.train_extensions.roc_auc.ROCAUCChannel": (
        "pylearn2.train_extensions.roc_auc.RocAucChannel"
    ),
    "pylearn2.train_extensions.train_extension.TrainExtension": (
        "pylearn2.train_extensions.TrainExtension"
    ),
    "pylearn2.train_extensions.window_flip.WindowAndFlipC01B": (
        "pylearn2.train_extensions.window_flip.WindowAndFlip"
    ),
    "pylearn2.training_algorithms.sgd.ConjuctionCriterion": "pylearn2.termination_criteria.And",
    "pylearn2.training_algorithms.sgd.ConjunctionCriterion": "pylearn2.termination_criteria.And",
    "pylearn2.training_algorithms.sgd.DisjunctionCriterion": "pylearn2.termination_criteria.Or",
    "pylearn2.training_algorithms.sgd.EpochCounter": "pylearn2.termination_criteria.EpochCounter",
    "pylearn2.training_algorithms.sgd.ExhaustiveSGD": "pylearn2.training_algorithms.sgd.SGD",
    "pylearn2.training_algorithms.sgd.MomentumAdjustor": (
        "pylearn2.training_algorithms.learning_rule.MomentumAdjustor"
    ),
    "pylearn2.training_algorithms.sgd.MonitorBasedTermCrit": (
        "pylearn2.termination_criteria.MonitorBased"
    ),
    "pylearn2.training_algorithms.sgd.UnsupervisedExhaustiveSGD": (
        "pylearn2.training_algorithms.sgd.SGD"
    ),
    "pylearn2.training_callbacks.best_params.*": "pylearn2.train_extensions.best_params.*",
    "pylearn2.training_callbacks.training_callback.TrainingCallback": (
        "pylearn2.train_extensions.TrainExtension"
    ),
    "pylearn2.utils.one_hot.*": "pylearn2.format.target_format.*",
    "pylearn2.utils.preprocessing.*": "pylearn2.expr.preprocessing.*",
    "pylearn2.utils.string.*": "pylearn2.utils.string_utils.*",
}

# Names that nothing replaces one to one, and what to write instead. ``*`` as above.
_GONE = {
    "pylearn2.classifier.*": "use pylearn2.models.mlp.MLP with a Softmax layer",
    "pylearn2.corruption.HalftimeCorruptor": "write a Corruptor of your own",
    "pylearn2.cost.*": "use pylearn2.costs.mlp.Default, or derive from pylearn2.costs.cost.Cost",
    "pylearn2.costs.autoencoder.MeanBinaryCrossEntropyTanh": (
        "use pylearn2.costs.autoencoder.MeanBinaryCrossEntropy"
    ),
    "pylearn2.costs.autoencoder.WalkbackFriendlyCost": (
        "use pylearn2.costs.gsn.MSWalkbackReconstructionError and its like"
    ),
    "pylearn2.costs.cost.CrossEntropy": "use pylearn2.costs.mlp.Default",
    "pylearn2.costs.cost.GeneralCost": "use pylearn2.costs.cost.Cost",
    "pylearn2.costs.cost.NegativeLogLikelihood": "use pylearn2.costs.mlp.Default",
    "pylearn2.costs.error.*": "use pylearn2.costs.mlp.Default",
    "pylearn2.costs.supervised_cost.*": "use pylearn2.costs.mlp.Default",
    "pylearn2.optimizer.*": "use pylearn2.training_algorithms.sgd.SGD",
    "pylearn2.scripts.train.MultiTrain": "use a list of pylearn2.train.Train: phases, run in order",
    "pylearn2.training_algorithms.demo.Demo": "it was an example only",
}

# Moves whose meaning needs a word.
_NOTES = {
    "pylearn2.training_algorithms.sgd.ConjuctionCriterion": (
        "it continues while all of its criteria want to, as the class of 2012 did"
    ),
    "pylearn2.training_algorithms.sgd.ConjunctionCriterion": (
        "it continues while all of its criteria want to, as the class of 2012 did; between "
        "November 2012 and 2013 pylearn2's own link for this name pointed to Or by mistake"
    ),
    "pylearn2.training_algorithms.sgd.DisjunctionCriterion": (
        "it continues while any of its criteria wants to, as the class of 2012 did; between "
        "November 2012 and 2013 pylearn2's own link for this name pointed to And by mistake"
    ),
}


def new_home(name: str) -> tuple[str, str] | None:
    """Return the present name of a moved class and a note on its meaning, or None.

    >>> new_home("pylearn2.autoencoder.Autoencoder")
    ('pylearn2.models.autoencoder.Autoencoder', '')
    """
    new = _lookup(_MOVES, name)
    return (new, _NOTES.get(name, "")) if new else None


def why_gone(name: str) -> str | None:
    """Return what to write instead of a name that nothing replaces one to one, or None."""
    return None if name in _MOVES else _lookup(_GONE, name)


def modules_with_moves() -> frozenset[str]:
    """Return the modules, and their parent packages, that names have moved away from."""
    modules = set()
    for name in _MOVES:
        module = name.rpartition(".")[0]
        while module:
            modules.add(module)
            module = module.rpartition(".")[0]
    return frozenset(modules)


def _lookup(table: dict[str, str], name: str) -> str | None:
    if name in table:
        return table[name]
    module, _, last = name.rpartition(".")
    target = table.get(f"{module}.*")
    return target.replace("*", last) if target else None
