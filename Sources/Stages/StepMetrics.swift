import Objectives
import OrderedCollections
import Training

extension StepReport {
  /// The step's numbers under TRL's names, in the order in which TRL shows them.
  func metrics(epoch: Double?, seconds: Double) -> OrderedDictionary<String, Double> {
    var values: OrderedDictionary<String, Double> = [
      "loss": loss, "grad_norm": gradientNorm, "learning_rate": learningRate,
    ]
    for (name, value) in metrics.resolved() where values[name] == nil { values[name] = value }
    if let epoch { values["epoch"] = epoch }
    values["step_time"] = seconds
    values["tokens_per_second"] = seconds > 0 ? Double(tokenCount) / seconds : 0
    return values
  }
}

extension Duration {
  /// In seconds.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
