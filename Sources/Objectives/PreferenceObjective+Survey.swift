import Glibc

extension PreferenceObjective {
  private func needs(_ need: BatchNeed) -> Bool {
    terms.contains { type(of: $0.loss).batchNeed == need }
  }

  public var survey: SurveyKind {
    if isWeighted { return .concentrations }
    return terms.contains { type(of: $0.loss).batchNeed != .nothing } ? .logProbabilities : .none
  }

  /// The pair's weight, its two log-probabilities and its two log-ratios.
  public func observe(_ example: Example, _ view: PolicyView) -> [Double] {
    let pair = pair(example, view.logProbabilities.map { $0[...] })
    return [
      isWeighted ? weight(view) : 1, pair.policyChosen, pair.policyRejected, pair.chosen,
      pair.rejected,
    ]
  }

  /// The product over both completions of e^(mean over tokens of log π − log Σ π²).
  ///
  /// A token's π is compared with what the policy's own samples have in the mean, so that sure and unsure policies are alike.
  private func weight(_ view: PolicyView) -> Double {
    zip(view.logProbabilities, view.concentrations).reduce(1) { product, completion in
      let (tokens, concentrations) = completion
      let sum = summedLogProbability(tokens) - summedLogProbability(concentrations)
      return product * exp(sum * reciprocal(tokens.count))
    }
  }

  public func informed(
    _ examples: [Example], _ observations: [[Double]], state: [Double]
  ) -> Survey<Example> {
    let column = { (index: Int) in observations.map { $0[index] } }
    let (policyChosen, policyRejected) = (column(1), column(2))
    let (chosen, rejected) = (column(3), column(4))
    var found = Survey(examples: examples, state: state)
    for index in examples.indices { found.examples[index].standing.weight = observations[index][0] }
    if needs(.sortedMargins) {
      let margins = zip(policyChosen, policyRejected).map(-)
      let references = examples.map { ($0.referenceChosen ?? 0) - ($0.referenceRejected ?? 0) }
      for (index, margin) in matched(margins, with: references).enumerated() {
        found.examples[index].standing.referenceMargin = margin
      }
    }
    if needs(.sortedRatios) {
      for (index, value) in matched(chosen, with: rejected).enumerated() {
        found.examples[index].standing.rejectedOfChosen = value
      }
      for (index, value) in matched(rejected, with: chosen).enumerated() {
        found.examples[index].standing.chosenOfRejected = value
      }
    }
    if needs(.runningReward) {
      let rewards = (chosen + rejected).reduce(0) { $0 + beta * $1 }
      // How many batches there were, and the sum of their means.
      let count = (state.first ?? 0) + 1
      let sum = (state.dropFirst().first ?? 0) + rewards * reciprocal(2 * examples.count)
      found.state = [count, sum]
      for index in examples.indices { found.examples[index].standing.baseline = sum / count }
    }
    return found
  }
}
