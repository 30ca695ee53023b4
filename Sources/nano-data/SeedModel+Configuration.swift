import JSON

extension SeedModel {
  private static let endOfText = vocabularySize - 5
  private static let endOfTurn = vocabularySize - 3

  /// 2.8 million parameters: large enough to learn column addition, small enough for minutes.
  static let configuration: JSON = [
    "architectures": ["LlamaForCausalLM"], "model_type": "llama",
    "vocab_size": .integer(vocabularySize),
    "hidden_size": 192, "num_hidden_layers": 6, "num_attention_heads": 6, "num_key_value_heads": 2,
    "head_dim": 32, "intermediate_size": 512, "hidden_act": "silu", "max_position_embeddings": 512,
    "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "rope_scaling": nil, "attention_bias": false,
    "attention_dropout": 0.0, "mlp_bias": false, "initializer_range": 0.02,
    "tie_word_embeddings": true,
    "bos_token_id": .integer(endOfText), "eos_token_id": .integer(endOfTurn),
    "pad_token_id": .integer(endOfText), "torch_dtype": "float32", "use_cache": true,
  ]

  static let generation: JSON = [
    "bos_token_id": .integer(endOfText),
    "eos_token_id": [.integer(endOfTurn), .integer(endOfText)],
    "pad_token_id": .integer(endOfText), "do_sample": true, "temperature": 0.7,
    "max_new_tokens": 96,
  ]

  /// ChatML without a system prompt of its own.
  static let tokenizerConfiguration: JSON = [
    "tokenizer_class": "PreTrainedTokenizerFast", "add_bos_token": false, "add_prefix_space": false,
    "bos_token": nil, "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "unk_token": nil,
    "model_max_length": 512, "clean_up_tokenization_spaces": false,
    "chat_template": .string(
      "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
    ),
  ]
}
