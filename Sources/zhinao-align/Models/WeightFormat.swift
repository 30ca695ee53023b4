public import ArgumentParser
public import Kernels

/// What weights are kept in, as an option of a command.
extension PackedWeights.Format: ExpressibleByArgument {}
