--- `:AbstractLLM` and its subcommands.
local notify = require("abstractllm.notify")
local plain = require("abstractllm.plain")

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

local function actions()
  return require("abstractllm.actions")
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
M.subcommands = vim.tbl_extend("error", require("abstractllm.tool_commands"), require("abstractllm.history_commands"), {
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
    actions().choose(invocation.text)
  end,
  model = function(invocation)
    if invocation.text == "" then
      return pickers().models()
    end
    pickers().with_provider(function(provider)
      actions().choose(provider, invocation.text)
    end)
  end,
  stop = function()
    actions().stop()
  end,
  new = function()
    session().new()
    panel().open()
  end,
  rename = function(invocation)
    with_session(function(info)
      if invocation.text ~= "" then
        return actions().rename(invocation.text)
      end
      vim.ui.input({ prompt = "Title: ", default = plain.line(info.title or "") }, function(title)
        if title and title ~= "" then
          actions().rename(title)
        end
      end)
    end)
  end,
  delete = function()
    with_session(function(info)
      local question = ("Delete the session %q?"):format(plain.line(info.title or "without a title"))
      vim.ui.select({ "Keep it", "Delete it" }, { prompt = question }, function(_, choice)
        if choice == 2 then
          actions().delete()
        end
      end)
    end)
  end,
})

---@param command table as |nvim_create_user_command()| gives it
---@return abstractllm.ContextItem[]? # nothing where the lines are none of a document
local function context_of(command)
  if command.range == 0 then
    return {}
  end
  local buffer = vim.api.nvim_get_current_buf()
  if require("abstractllm.documents").is_document(buffer) then
    return { require("abstractllm.context").selection(buffer, command.line1, command.line2) }
  end
end

---@param command table as |nvim_create_user_command()| gives it
function M.run(command)
  local name, text = command.args:match("^(%S*)%s*(.-)%s*$")
  local subcommand = M.subcommands[name == "" and "chat" or name]
  if not subcommand then
    return notify.error(("There is no `:AbstractLLM %s`; <Tab> lists what there is."):format(name))
  end
  local context = context_of(command)
  if not context then
    return notify.error("Only lines of a file, or of text that will be one, can go along with a prompt.")
  end
  subcommand({ text = text, context = context })
end

---@param line string
---@param lead string
---@return string[]
local function words_after(line, lead)
  local name, kind = line:match("AbstractLLM%s+(%S+)%s+(%S*)")
  if not name then
    return vim.tbl_keys(M.subcommands)
  elseif name ~= "context" then
    return pickers().known[name] or {}
  elseif kind == lead then
    return vim.list_extend({ "none" }, vim.tbl_keys(require("abstractllm.context").KINDS))
  end
  return vim.fn.getcompletion(lead, kind == "folder" and "dir" or "file")
end

---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local words = vim.tbl_filter(function(word)
    return vim.startswith(word, lead)
  end, vim.tbl_map(plain.line, words_after(line, lead)))
  table.sort(words)
  return words
end

return M
