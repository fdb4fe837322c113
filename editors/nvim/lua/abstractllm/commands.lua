--- `:AbstractLLM` and its subcommands.
local notify = require("abstractllm.notify")

local M = {}

---@class abstractllm.Invocation
---@field text string what follows the subcommand
---@field context abstractllm.ContextItem[] the range, if one was given

local function panel()
  return require("abstractllm.panel")
end

local function session()
  return require("abstractllm.session")
end

local function pickers()
  return require("abstractllm.pickers")
end

---@param on_session fun(info: table)
local function with_session(on_session)
  local info = session().state.info
  if info then
    return on_session(info)
  end
  notify.info("There is no session yet; the first prompt begins one, `:AbstractLLM sessions` lists earlier ones.")
end

---@type table<string, fun(invocation: abstractllm.Invocation)>
M.subcommands = {
  chat = function()
    panel().toggle()
  end,
  ask = function(invocation)
    if invocation.text ~= "" then
      return require("abstractllm").ask(invocation.text, invocation.context)
    end
    panel().open()
    require("abstractllm.prompt").attach(invocation.context)
  end,
  sessions = function()
    pickers().sessions()
  end,
  provider = function(invocation)
    if invocation.text == "" then
      return pickers().providers()
    end
    session().choose(invocation.text)
  end,
  model = function(invocation)
    if invocation.text == "" then
      return pickers().models()
    end
    pickers().with_provider(function(provider)
      session().choose(provider, invocation.text)
    end)
  end,
  stop = function()
    session().stop()
  end,
  new = function()
    session().new()
    panel().open()
  end,
  rename = function(invocation)
    with_session(function(info)
      if invocation.text ~= "" then
        return session().rename(invocation.text)
      end
      vim.ui.input({ prompt = "Title: ", default = info.title }, function(title)
        if title and title ~= "" then
          session().rename(title)
        end
      end)
    end)
  end,
  delete = function()
    with_session(function(info)
      local question = ("Delete the session %q for good?"):format(info.title or "without a title")
      vim.ui.select({ "Keep it", "Delete it" }, { prompt = question }, function(_, choice)
        if choice == 2 then
          session().delete()
        end
      end)
    end)
  end,
}

---@param command table as |nvim_create_user_command()| gives it
---@return abstractllm.ContextItem[]
local function context_of(command)
  if command.range == 0 then
    return {}
  end
  return { require("abstractllm.context").selection(vim.api.nvim_get_current_buf(), command.line1, command.line2) }
end

---@param command table as |nvim_create_user_command()| gives it
function M.run(command)
  local name, text = command.args:match("^(%S*)%s*(.-)%s*$")
  local subcommand = M.subcommands[name == "" and "chat" or name]
  if not subcommand then
    return notify.error(("There is no `:AbstractLLM %s`; <Tab> lists what there is."):format(name))
  end
  subcommand({ text = text, context = context_of(command) })
end

---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local name = line:match("AbstractLLM%s+(%S+)%s")
  local words = name and pickers().known[name] or vim.tbl_keys(M.subcommands)
  if name and not pickers().known[name] then
    words = {}
  end
  words = vim.tbl_filter(function(word)
    return vim.startswith(word, lead)
  end, words)
  table.sort(words)
  return words
end

return M
