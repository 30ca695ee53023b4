/// What a training asks of memory beside its model: the largest micro-batch, and what is drawn between the steps.
struct TrainingDemand: Equatable {
  var load: StepLoad
  var sampling: SamplingMemory?

  init(_ load: StepLoad) { self.load = load }
}
