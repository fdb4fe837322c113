return require("abstractllm.client").lsp_config()
