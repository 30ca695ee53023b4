public import JSON

extension GGUFFile {
  /// `tokenizer.json` rebuilt from the metadata; nil where the file has no tokenizer.
  public var tokenizerJSON: JSON? {
    get throws {
      do throws(GGUFFault) {
        return try GGUFTokenizer(metadata)?.tokenizerJSON()
      } catch {
        throw CheckpointError.gguf(path: path, error)
      }
    }
  }

  /// `tokenizer_config.json` rebuilt from the metadata, with the chat template.
  public var tokenizerConfig: JSON? {
    get throws {
      do throws(GGUFFault) {
        return try GGUFTokenizer(metadata)?.configJSON()
      } catch {
        throw CheckpointError.gguf(path: path, error)
      }
    }
  }
}
