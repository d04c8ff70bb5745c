"""Theano's modules that here are part of another one: name by name, what ``import`` gives.

Theano had some eighty modules, and people's files import things from where each happened to lie.
"""

__all__ = ["THEANO_MODULES"]

_ROOM = "pylearn2_jobman.theano"

# Module of the room -> the modules of Theano whose names are found there.
_PARTS = {
    "compat": "compat.python2x misc misc.strutil",
    "compile": "compile.builders compile.debugmode compile.function_module"
    " compile.io compile.mode compile.monitormode compile.nanguardmode compile.ops compile.pfunc"
    " compile.profilemode compile.profiling compile.sharedvalue",
    "configparser": "configdefaults",
    "gof": "gof.cc gof.cmodule gof.compilelock gof.fg gof.graph gof.link gof.op gof.opt gof.optdb"
    " gof.toolbox gof.type gof.utils gof.vm",
    "sandbox.cuda": "gpuarray sandbox.cuda.basic_ops sandbox.cuda.blas sandbox.cuda.dnn"
    " sandbox.cuda.nvcc_compiler sandbox.cuda.opt sandbox.cuda.type sandbox.cuda.var"
    " sandbox.gpuarray",
    "scalar": "scalar.basic scalar.basic_scipy",
    "scan_module": "scan_module.scan_op scan_module.scan_utils scan_module.scan_views",
    "sparse": "sparse.basic sparse.sandbox sparse.sandbox.sp2 sparse.type",
    "tensor": "sandbox.linalg sandbox.linalg.ops tensor.basic tensor.elemwise"
    " tensor.extra_ops tensor.inplace tensor.io tensor.nlinalg tensor.opt tensor.sharedvar"
    " tensor.slinalg tensor.subtensor tensor.type tensor.utils tensor.var",
    "tensor.conv": "tensor.nnet.Conv3D tensor.nnet.abstract_conv tensor.nnet.conv"
    " tensor.nnet.conv3d2d tensor.nnet.corr tensor.signal.conv",
    "tensor.nnet": "tensor.nnet.bn tensor.nnet.nnet tensor.nnet.sigm",
    "tensor.neighbours": "sandbox.neighbours tensor.nnet.neighbours",
    "tensor.pool": "tensor.signal tensor.signal.downsample tensor.signal.pool",
    "tensor.shared_randomstreams": "tensor.raw_random",
    "testing": "tests tests.disturb_mem tests.record tests.unittest_tools",
}
THEANO_MODULES = {
    f"{_ROOM}.{part}": f"{_ROOM}.{home}" for home, parts in _PARTS.items() for part in parts.split()
}
# Theano had this library inside.
THEANO_MODULES |= {
    f"{_ROOM}.compat.six": "six",
    f"{_ROOM}.compat.six.moves": "six.moves",
}
