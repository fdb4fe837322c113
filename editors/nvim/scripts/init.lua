-- What `make nvim` begins with: the plug-in of this checkout and its server.
local root = vim.fs.dirname(vim.fs.dirname(vim.fs.dirname(vim.fs.dirname(vim.fn.expand("<sfile>:p")))))

vim.opt.runtimepath:prepend(root .. "/editors/nvim")
vim.cmd("silent! helptags " .. root .. "/editors/nvim/doc")
vim.o.termguicolors, vim.o.number, vim.o.mouse = true, true, "a"
vim.cmd("silent! colorscheme habamax | silent! colorscheme catppuccin")
vim.api.nvim_set_hl(0, "@markup.raw", { link = "String" })
vim.api.nvim_set_hl(0, "@markup.raw.block", { link = "Normal" })
vim.keymap.set("n", "<Space>a", "<Cmd>AbstractLLM<CR>", { desc = "Open or close the chat" })
vim.keymap.set("x", "<Space>a", ":AbstractLLM ask<CR>", { desc = "Ask about the selection" })

require("abstractllm").setup({
  cmd = { root .. "/.venv/bin/abstractllm-ls" },
  settings = { provider = vim.env.PROVIDER or "huggingface" },
})
