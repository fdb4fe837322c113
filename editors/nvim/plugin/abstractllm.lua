if vim.g.loaded_abstractllm then
  return
end
vim.g.loaded_abstractllm = true

vim.api.nvim_create_user_command("AbstractLLM", function(command)
  require("abstractllm.commands").run(command)
end, {
  nargs = "*",
  range = true,
  desc = "Chat with a language model",
  complete = function(lead, line)
    return require("abstractllm.commands").complete(lead, line)
  end,
})
