-- What a test's Neovim begins with: the plug-in, and a user who answers as he is told.
vim.opt.runtimepath:prepend(vim.env.ABSTRACTLLM_PLUGIN)
vim.o.columns, vim.o.lines, vim.o.swapfile = 160, 40, false

require("abstractllm").setup({
  cmd = { vim.env.ABSTRACTLLM_PYTHON, "-m", "abstractllm_server" },
  settings = vim.json.decode(vim.env.ABSTRACTLLM_SETTINGS),
})

User = { notices = {}, asked = {}, choices = {}, words = {} }

vim.notify = function(sentence)
  table.insert(User.notices, sentence)
end

vim.ui.select = function(items, options, on_choice)
  local format = options.format_item or tostring
  table.insert(User.asked, { prompt = options.prompt, items = vim.tbl_map(format, items) })
  local wanted = table.remove(User.choices, 1)
  for index, item in ipairs(items) do
    if wanted and format(item):find(wanted, 1, true) then
      return on_choice(item, index)
    end
  end
  on_choice(nil, nil)
end

vim.ui.input = function(options, on_words)
  table.insert(User.asked, { prompt = options.prompt, items = {} })
  on_words(table.remove(User.words, 1))
end
