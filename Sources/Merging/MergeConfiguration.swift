public import Checkpoints

/// What to merge and how: mergekit's configuration as a value.
public struct MergeConfiguration: Sendable, Equatable {
  /// A setting, where it stands, and what it says.
  public struct Setting: Sendable, Equatable {
    public var name: String
    public var value: ParameterValue
    public var position: Position?

    public init(_ name: String, _ value: ParameterValue, position: Position? = nil) {
      self.name = name
      self.value = value
      self.position = position
    }
  }

  /// A model that takes part.
  public struct Source: Sendable, Equatable {
    /// A Hugging Face directory, a GGUF file, the `name` of another merge, or one of them with an adapter: `path+adapter`.
    public var model: String
    /// The model's own layers, from the first to before the last; nil is all.
    public var layers: Range<Int>?
    public var parameters: [Setting]
    public var position: Position?

    public init(
      model: String, layers: Range<Int>? = nil, parameters: [Setting] = [],
      position: Position? = nil
    ) {
      self.model = model
      self.layers = layers
      self.parameters = parameters
      self.position = position
    }
  }

  /// Layers of the output, made from as many layers of each source.
  public struct Slice: Sendable, Equatable {
    public var sources: [Source]
    public var parameters: [Setting]
    public var base: String?

    public init(sources: [Source], parameters: [Setting] = [], base: String? = nil) {
      self.sources = sources
      self.parameters = parameters
      self.base = base
    }
  }

  /// A part of a model that is merged by itself: the language model beside a vision tower, say.
  public struct Module: Sendable, Equatable {
    /// What the names of its tensors begin with; nil is all of them.
    public var name: String?
    /// One slice of whole models where the configuration lists `models`.
    public var slices: [Slice]
    public var parameters: [Setting]
    public var position: Position?

    public init(
      name: String? = nil, slices: [Slice], parameters: [Setting] = [], position: Position? = nil
    ) {
      self.name = name
      self.slices = slices
      self.parameters = parameters
      self.position = position
    }
  }

  /// What other documents call this merge.
  public var name: String?
  public var method: String
  public var methodPosition: Position?
  public var base: String?
  public var modules: [Module]
  public var parameters: [Setting]
  /// Of the output; nil keeps each tensor's own type.
  public var elementType: ElementType?
  /// Nil: the models need one vocabulary, and the base's files are taken over.
  public var tokenizer: TokenizerSettings?
  /// Nil takes over the base's.
  public var chatTemplate: ChatTemplateChoice?
  /// Of random masks.
  public var seed: UInt64
  /// What `mergekit_config.yml` beside the output says.
  public var yaml: String

  /// A merge of whole models, as from the command line: settings by name, weights by model.
  public init(
    method: String, base: String? = nil, models: [(path: String, weight: Double?)],
    settings: [(name: String, value: ParameterValue)] = [], elementType: ElementType? = nil,
    seed: UInt64 = 0
  ) {
    self.init(
      method: method, base: base,
      modules: [
        Module(slices: [
          Slice(
            sources: models.map { path, weight in
              Source(
                model: path, parameters: weight.map { [Setting("weight", .scalar($0))] } ?? [])
            })
        ])
      ],
      parameters: settings.map { Setting($0.name, $0.value) }, elementType: elementType,
      seed: seed, yaml: "")
    yaml = rendered()
  }

  init(
    method: String, methodPosition: Position? = nil, base: String?, modules: [Module],
    parameters: [Setting], elementType: ElementType?, seed: UInt64, yaml: String
  ) {
    self.method = method
    self.methodPosition = methodPosition
    self.base = base
    self.modules = modules
    self.parameters = parameters
    self.elementType = elementType
    self.seed = seed
    self.yaml = yaml
  }
}

/// A place in a configuration file, counted from 1.
public struct Position: Sendable, Equatable {
  public var line: Int
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}

extension MergeConfiguration {
  /// The slices of all modules.
  public var slices: [Slice] { modules.flatMap(\.slices) }

  /// Every model that is named, once each: the base, then the others in the order of the configuration.
  public var modelPaths: [String] {
    var paths: [String] = []
    var named = [base]
    for slice in slices { named += [slice.base] + slice.sources.map(\.model) }
    for case .some(let path) in named where !paths.contains(path) { paths.append(path) }
    return paths
  }
}
