--- `:checkhealth abstractllm`
local client = require("abstractllm.client")
local config = require("abstractllm.config")
local plain = require("abstractllm.plain")

local M = {}

local health = vim.health

local TIMEOUT = 5000

local function check_neovim()
  health.start("AbstractLLM: Neovim")
  if vim.fn.has("nvim-0.10") == 1 then
    health.ok(("Neovim %s is new enough"):format(tostring(vim.version())))
  else
    health.error("Neovim 0.10 or newer is needed")
  end
  local has_markdown = pcall(vim.treesitter.language.inspect, "markdown")
  if has_markdown then
    health.ok("The treesitter parser of Markdown is there")
  else
    health.warn("There is no treesitter parser of Markdown; the panel uses plain syntax highlighting")
  end
end

local function check_program()
  health.start("AbstractLLM: server")
  local program = config.options.cmd[1]
  if vim.fn.executable(program) == 1 then
    health.ok(("The program is `%s`"):format(vim.fn.exepath(program)))
  else
    health.error(("There is no program `%s`"):format(program), {
      "Install it: pipx install 'abstractllm-ls[local]'",
      'Or tell where it is: require("abstractllm").setup({ cmd = { "/path/to/abstractllm-ls" } })',
    })
  end
  if client.running() then
    health.ok(plain.line(("The server runs in %s"):format(client.root())))
  else
    health.info("The server is not running; the first prompt starts it")
  end
end

local function check_providers()
  health.start("AbstractLLM: providers")
  local answer
  client.request("providers/list", {}, function(listed)
    answer = listed
  end)
  vim.wait(TIMEOUT, function()
    return answer ~= nil
  end)
  for _, provider in ipairs(answer and answer.providers or {}) do
    if provider.ready then
      health.ok(plain.line(("%s is ready: %s"):format(provider.name, provider.model or "it has no model yet")))
    else
      health.info(plain.line(("%s is not ready: %s"):format(provider.name, provider.obstacle.message)))
    end
  end
  if not answer then
    health.error("The server did not answer", { "Look into " .. vim.lsp.get_log_path() })
  elseif not answer.default then
    health.warn("No provider is ready")
  end
end

function M.check()
  check_neovim()
  check_program()
  if vim.fn.executable(config.options.cmd[1]) == 1 then
    check_providers()
  end
end

return M
