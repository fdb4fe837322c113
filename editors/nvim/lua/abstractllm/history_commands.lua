--- The subcommands of `:AbstractLLM` that are about the history.
local M = {}

local function branches()
  return require("abstractllm.branches")
end

local function history()
  return require("abstractllm.history")
end

function M.resend()
  branches().resend()
end

function M.regenerate(invocation)
  branches().regenerate(invocation.text ~= "" and invocation.text or nil)
end

function M.rewind()
  branches().rewind()
end

function M.fork()
  branches().fork()
end

function M.branch(invocation)
  branches().branch(invocation.text)
end

function M.search(invocation)
  history().search(invocation.text)
end

function M.export(invocation)
  history().export(invocation.text)
end

function M.import(invocation)
  history().import(invocation.text)
end

for _, name in ipairs({ "pin", "undelete", "compact", "uncompact", "usage" }) do
  M[name] = function()
    history()[name]()
  end
end

return M
