import JSON
import Kernels
import Pipeline

extension StageNode {
  /// Which kernels this stage computes with: what may differ between processors and libraries is named
  /// for the stages that use it alone, so that all others' results are at home everywhere.
  var kernelClass: String {
    Compute.kernelClass(
      bfloat16: settings.all["bf16"]?.bool == true, singularValues: kind.name.hasPrefix("merge"))
  }
}

extension StageGraph {
  /// The stages' kernel classes, each once, in the order of the stages.
  var kernelClasses: [String] {
    stages.map(\.kernelClass).reduce(into: []) { classes, found in
      if !classes.contains(found) { classes.append(found) }
    }
  }
}
