-- Sluice's voice in sbatch: asks the agent beside slurmctld whether a job may be submitted or changed.
--
-- Install it as job_submit.lua beside slurm.conf, or load it there (dofile) after setting what differs from below:
--   sluice = { socket = "/run/sluice/alpha-admission.sock", fail_mode = "deny" }
-- with JobSubmitPlugins=lua in slurm.conf, and the packages lua-socket and lua-cjson. slurmctld calls it for one
-- submission at a time, so one exchange with the agent and its deadline are all that it may cost.

local settings = {
  socket = "/run/sluice/admission.sock",
  -- Seconds that are waited for the agent, in all: connecting, asking and being answered. With what the machine takes to
  -- go on after that, a submission is held up for 50 ms at most.
  deadline = 0.045,
  -- What happens when the agent gives no answer: "open" lets the job in, and the cluster's own limits hold it;
  -- "deny" refuses it.
  fail_mode = "open",
}
for name, value in pairs(sluice or {}) do settings[name] = value end
assert(settings.fail_mode == "open" or settings.fail_mode == "deny", "sluice: fail_mode must be open or deny")

local has_json, json = pcall(require, "cjson")
local has_clock, clock = pcall(require, "socket")
local has_socket, unix = pcall(require, "socket.unix")
local longest_answer = 16384
-- What the agent takes, its newline with it.
local longest_question = 65536
local mebibyte = 1048576
-- Nothing is counted beyond this, whatever a job's words ask for: the agent takes no larger number.
local most = 2 ^ 53

-- Slurm's "not said" differs with the width of a field. Neither it nor "without end" is a count of anything.
local narrow = {
  cpus_per_task = true, ntasks_per_node = true, ntasks_per_tres = true, pn_min_cpus = true, shared = true,
  sockets_per_node = true, threads_per_core = true,
}

local function number(get, field)
  local value = get(field)
  if type(value) ~= "number" or value >= (narrow[field] and 65534 or 4294967294) then return nil end
  return value
end

local function text(get, field)
  local value = get(field)
  if type(value) == "string" and value ~= "" then return value end
  return nil
end

-- Whether a job's record is of one that waits no more; a job that is being submitted has no record.
local function has_started(record)
  return record ~= nil and record.job_state % 256 ~= 0
end

local function fields_of(record)
  return function(field) return record[field] end
end

-- What a request such as "gres:gpu:h100:2,gres:gpu" asks for, row by row. Slurm writes a slash, and an equals sign, too.
local function resources(words)
  local rows = {}
  for word in string.gmatch(words or "", "[^,]+") do
    word = string.gsub(string.gsub(word, "^gres[:/]", ""), "%(.*$", "")
    local parts = {}
    for part in string.gmatch(word, "[^:=]+") do parts[#parts + 1] = part end
    local count, unit = 1, nil
    if #parts > 1 then
      local digits
      digits, unit = string.match(parts[#parts], "^(%d+)([KkMmGgTtPp]?)$")
      if digits then
        count = tonumber(digits)
        parts[#parts] = nil
      end
    end
    local power = unit and unit ~= "" and string.find("KMGTP", string.upper(unit)) or 0
    if parts[1] and parts[1] ~= "none" then
      rows[#rows + 1] = { name = parts[1], type = parts[2], count = math.min(count * 1024 ^ power, most) }
    end
  end
  return rows
end

local function written(rows)
  local words = {}
  for index, row in ipairs(rows) do
    words[index] = string.format("gres:%s%s:%d", row.name, row.type and ":" .. row.type or "", row.count)
  end
  return table.concat(words, ",")
end

-- The fields that ask for resources, and what their counts are for each of.
local per = { tres_per_job = "job", tres_per_node = "node", tres_per_socket = "socket", tres_per_task = "task" }

local function add(tres, name, amount)
  if amount and amount > 0 then tres[name] = (tres[name] or 0) + math.min(amount, most) end
end

-- A name as TRES may have it; of one that has anything else in it, Sluice has no cap.
local function plain(name)
  return (string.gsub(name, "[^%w_%-%.@]", "_"))
end

local function add_resource(tres, row, times)
  add(tres, "gres/" .. plain(row.name), row.count * times)
  if row.type then add(tres, "gres/" .. plain(row.name) .. ":" .. plain(row.type), row.count * times) end
end

local function add_generic(tres, get, nodes, tasks)
  local times = {
    job = 1, node = nodes, task = tasks or 1, socket = nodes * (number(get, "sockets_per_node") or 1),
  }
  for field, each in pairs(per) do
    for _, row in ipairs(resources(text(get, field))) do
      if row.name ~= "cpu" then add_resource(tres, row, times[each]) end
    end
  end
  local per_gpu = number(get, "ntasks_per_tres")
  if per_gpu and per_gpu > 0 and tasks and not tres["gres/gpu"] then
    add_resource(tres, { name = "gpu", count = math.ceil(tasks / per_gpu) }, 1)
  end
end

-- A hook isn't shown --overcommit, by which tasks share CPUs, but sbatch then asks for fewer CPUs than they would have.
local function cpus_of(get, nodes, tasks, tres)
  local each, at_least, said = number(get, "cpus_per_task") or 1, number(get, "min_cpus") or 1, number(get, "num_tasks")
  local is_shared = number(get, "min_cpus") and said and at_least < said * each
  local cpus = math.max(
    at_least, is_shared and 1 or (tasks or 1) * each, nodes, (number(get, "pn_min_cpus") or 0) * nodes)
  for _, row in ipairs(resources(text(get, "cpus_per_tres"))) do
    cpus = math.max(cpus, row.count * (tres["gres/" .. row.name] or 0))
  end
  return cpus
end

-- The partition that is asked for, or the default one.
local function partition(get, partitions)
  local name = text(get, "partition")
  for key, part in pairs(partitions or {}) do
    if key == name or not name and part.flag_default == 1 then return fields_of(part) end
  end
  return function(_) return nil end
end

-- What is asked for, or is usual in the partition, for each CPU and for each node; and whether it is asked for. Memory for
-- each generic resource takes the place of both.
local function memory_said(get, part)
  if text(get, "mem_per_tres") then return nil, nil, false end
  local per_cpu, per_node = number(get, "min_mem_per_cpu"), number(get, "min_mem_per_node")
  if per_cpu or per_node then return per_cpu, per_node, true end
  return number(part, "def_mem_per_cpu"), number(part, "def_mem_per_node"), false
end

-- In MiB.
local function memory_of(get, part, tres)
  local per_gres = resources(text(get, "mem_per_tres"))
  local memory = 0
  for _, row in ipairs(per_gres) do memory = memory + row.count * (tres["gres/" .. row.name] or 0) end
  if #per_gres > 0 then return memory end
  local per_cpu, per_node = memory_said(get, part)
  return per_cpu and per_cpu * tres.cpu or (per_node or 0) * tres.node
end

-- What the job is given of each of its nodes though it doesn't ask for it; nil where that is nothing. `each` is what a
-- node must have for it. An exclusive job has all CPUs and generic resources, and memory for each of the CPUs; one that
-- asks for 0 memory has all of it.
local function whole_nodes(get, part)
  local whole, each = {}, {}
  local per_cpu, per_node, is_said = memory_said(get, part)
  whole.all_memory = is_said and (per_cpu or per_node) == 0 or nil
  -- Of its threads it may leave some alone, and then they don't count.
  if not number(get, "threads_per_core") and (number(get, "shared") == 0 or part("max_share") == 0) then
    whole.exclusive = true
    if per_cpu and per_cpu > 0 then whole.memory_per_cpu = per_cpu * mebibyte end
  end
  if next(whole) == nil then return nil end
  for _, row in ipairs(resources(text(get, "tres_per_node"))) do add_resource(each, row, 1) end
  add(each, "cpu", number(get, "pn_min_cpus"))
  if per_node then add(each, "mem", per_node * mebibyte) end
  whole.each = each
  return whole
end

-- How many tasks an array has, such as 12 in "1-10%3,20,30".
local function array_size(indexes)
  local count = 0
  for part in string.gmatch(string.gsub(indexes, "%%.*", ""), "[^,]+") do
    local first, last, step = string.match(part, "^(%d+)%-(%d+):?(%d*)$")
    count = count + (first and math.floor((last - first) / math.max(tonumber(step) or 1, 1)) + 1 or 1)
  end
  return math.max(count, 1)
end

-- The least that the job will be given: what `get` says of each of its fields, or, where that is nothing, Slurm's own
-- rules. Of an array it is one task, of a het job one part, for that is what must fit; but all tasks are submitted at once.
local function least(get, partitions)
  local tres = {}
  local nodes = math.max(number(get, "min_nodes") or 1, 1)
  local tasks = number(get, "num_tasks")
  local on_node = number(get, "ntasks_per_node")
  if on_node and on_node > 0 then
    -- Of a job that says how many tasks it has in all, it is the most that a node may have.
    nodes = math.max(nodes, math.ceil((tasks or 0) / on_node))
    tasks = tasks or on_node * nodes
  end
  add_generic(tres, get, nodes, tasks)
  tres.node = nodes
  tres.cpu = cpus_of(get, nodes, tasks, tres)
  add(tres, "mem", memory_of(get, partition(get, partitions), tres) * mebibyte)
  for name, count in string.gmatch(text(get, "licenses") or "", "([%w_%-%.@]+)[:=]?(%d*)") do
    add(tres, "license/" .. name, tonumber(count) or 1)
  end
  tres["jobs/running"] = 1
  tres["jobs/submitted"] = array_size(text(get, "array_inx") or "")
  return tres
end

-- What a job has asked for already, such as "cpu=8,mem=16G,node=1,billing=8,gres/gpu=2".
local function known(words)
  local tres = {}
  for name, count, unit in string.gmatch(words or "", "([%w_/:%-%.@]+)=([%d%.]+)([KMGTP]?)") do
    local power = unit ~= "" and string.find("KMGTP", unit) or 0
    local amount = tonumber(count) * 1024 ^ power
    if name == "mem" and power == 0 then amount = amount * mebibyte end
    if name ~= "billing" then tres[name] = amount end
  end
  return tres
end

-- An object of amounts. They are written whole: cjson would round those of more than 14 digits, and escape the slash
-- in names, in which nothing needs it.
local function object(tres)
  local amounts = {}
  for name, amount in pairs(tres) do
    amounts[#amounts + 1] = string.format('"%s":%.0f', name, math.min(amount, most))
  end
  return "{" .. table.concat(amounts, ",") .. "}"
end

-- The line that asks.
local function question(request)
  local words = {}
  for _, field in ipairs({ "account", "default_account", "user", "partition", "qos", "default_qos", "comment" }) do
    if request[field] then words[#words + 1] = string.format('"%s":%s,', field, json.encode(request[field])) end
  end
  local whole = request.whole_nodes
  if whole then
    words[#words + 1] = string.format(
      '"whole_nodes":{"each":%s,"exclusive":%s,"all_memory":%s,"memory_per_cpu":%.0f},', object(whole.each),
      tostring(whole.exclusive or false), tostring(whole.all_memory or false), whole.memory_per_cpu or 0)
  end
  return string.format(
    '{"jsonrpc":"2.0","id":1,"method":"admission.check","params":{%s"tres":%s}}\n', table.concat(words),
    object(request.tres))
end

-- luasocket's two timeouts: the one bounds a call as a whole, the other each wait in it, should the clock be set meanwhile.
local function bound(connection, seconds)
  connection:settimeout(seconds, "t")
  connection:settimeout(seconds, "b")
end

-- The first line that comes, without its newline. What is there is taken piece by piece: luasocket itself would read a line
-- that doesn't end for as long as there is more of it.
local function receive_line(connection, left)
  local answer = ""
  repeat
    bound(connection, left())
    local byte, why = connection:receive(1)
    if not byte then return nil, why end
    bound(connection, 0)
    local whole, _, part = connection:receive(longest_answer)
    answer = answer .. byte .. (whole or part or "")
    local line = string.match(answer, "^([^\n]*)\n")
    if line then return line end
  until #answer > longest_answer or left() == 0
  return nil, #answer > longest_answer and "the answer is too long" or "timeout"
end

-- One exchange of lines within the deadline. Returns the answer's line, or nil and why there is none.
local function exchange(line)
  local start = clock.gettime()
  local function left()
    return math.min(math.max(settings.deadline - (clock.gettime() - start), 0), settings.deadline)
  end
  local connection = unix()
  bound(connection, left())
  local done, why = connection:connect(settings.socket)
  if done then
    bound(connection, left())
    done, why = connection:send(line)
  end
  local answer
  if done then answer, why = receive_line(connection, left) end
  connection:close()
  return answer, string.format("%s after %.1f ms", tostring(why), (clock.gettime() - start) * 1000)
end

-- Answers that blame the question: it is no JSON, no request, or has a field that can't be. An agent that lives has read it,
-- and it is the job's words that are in it: were that no answer, anybody could choose to go by fail_mode.
local blames_question = { [-32700] = true, [-32600] = true, [-32602] = true }

local function unreadable(why)
  local message = "Sluice, which guards the quotas here, can't read what this job asks for: " .. why
  return { decision = "deny", message = message }
end

-- The agent's decision, or nil and why there is none.
local function ask(request)
  if not (has_json and has_clock and has_socket) then return nil, "lua-socket or lua-cjson is not installed" end
  local words = question(request)
  if #words > longest_question then return unreadable("its names are too long, or too many") end
  local line, why = exchange(words)
  if not line then return nil, why end
  local is_json, answer = pcall(json.decode, line)
  if not is_json or type(answer) ~= "table" then return nil, "the answer is no JSON" end
  local result, failure = answer.result, answer.error
  if type(result) == "table" and (result.decision == "allow" or result.decision == "deny") then return result end
  local message = type(failure) == "table" and failure.message
  if type(message) ~= "string" then return nil, "the answer holds no decision" end
  if blames_question[failure.code] then return unreadable(message) end
  return nil, message
end

-- Requests for a resource without a type become requests for the type that the agent names.
local function rewrite(job, get, types)
  for _, tres in ipairs(types) do
    local name, kind = string.match(tostring(tres), "^gres/([^:]+):(.+)$")
    local is_said = false
    for field in pairs(per) do
      local rows, is_changed = resources(text(get, field)), false
      for _, row in ipairs(rows) do
        is_said = is_said or row.name == name
        if row.name == name and not row.type then
          row.type = kind
          is_changed = true
        end
      end
      if is_changed then job[field] = written(rows) end
    end
    local tasks, per_gpu = number(get, "num_tasks"), number(get, "ntasks_per_tres")
    if name == "gpu" and not is_said and tasks and per_gpu then
      job.tres_per_job = written({ { name = "gpu", type = kind, count = math.ceil(tasks / per_gpu) } })
    end
  end
end

-- Of these licenses, those that stand for types of jobs, and the others.
local function licenses_of(list, job_types)
  local typed, others = {}, {}
  for word in string.gmatch(list or "", "[^,;]+") do
    local is_typed = false
    for _, name in ipairs(job_types) do is_typed = is_typed or string.match(word, "^[^:=]*") == name end
    local rows = is_typed and typed or others
    rows[#rows + 1] = word
  end
  return typed, others
end

-- A job's type is a license that the agent gives it, and nobody else: what the job itself says of those has no effect. What
-- has started keeps its type.
local function give_type(job, record, answer)
  if type(answer.job_types) ~= "table" then return end
  local before = record and record.licenses
  local typed, others = licenses_of(job.licenses or before, answer.job_types)
  if has_started(record) then
    if not job.licenses then return end
    typed = licenses_of(before, answer.job_types)
  else
    local old = typed[1]
    typed = { answer.job_type and answer.job_type .. ":1" }
    -- A hook can't empty the list of a job that has one.
    if record and old and not typed[1] and not others[1] then typed = { string.match(old, "^[^:=]*") .. ":0" } end
  end
  for _, word in ipairs(typed) do others[#others + 1] = word end
  local licenses = table.concat(others, ",")
  if licenses ~= (job.licenses or before or "") then job.licenses = licenses end
end

local function check(job, get, request, record)
  local answer, why = ask(request)
  if not answer then
    slurm.log_error(
      "sluice: no decision from %s, so fail_mode %s holds: %s", settings.socket, settings.fail_mode, why)
    if settings.fail_mode == "open" then return slurm.SUCCESS end
    slurm.log_user("%s", "Sluice, which guards the quotas here, gives no answer: try again, or tell your administrator")
    return slurm.ERROR
  end
  if answer.decision == "deny" then
    slurm.log_user("%s", tostring(answer.message))
    -- scontrol, which prints no text of a hook's, has words of its own for this one.
    return slurm.ESLURM_ACCOUNTING_POLICY or slurm.ERROR
  end
  if type(answer.types) == "table" then rewrite(job, get, answer.types) end
  if type(answer.account) == "string" then job.account = answer.account end
  if type(answer.qos) == "string" then job.qos = answer.qos end
  give_type(job, record, answer)
  return slurm.SUCCESS
end

-- Partitions, each once, as Slurm takes them.
local function partitions_of(list)
  if not list then return nil end
  local names, is_there = {}, {}
  for name in string.gmatch(list, "[^,]+") do
    if not is_there[name] then names[#names + 1] = name end
    is_there[name] = true
  end
  return table.concat(names, ",")
end

-- As much of a comment as rules go by, and nothing that JSON can't have.
local function comment_of(comment)
  return comment and (string.gsub(string.sub(comment, 1, 200), "[^ -~]", "?"))
end

-- Also called for --test-only, and for each part of a het job. A check counts nothing.
function slurm_job_submit(job, partitions, uid)
  local get = fields_of(job)
  return check(job, get, {
    account = text(get, "account"), default_account = text(get, "default_account"),
    user = text(get, "user_name") or tostring(uid), qos = text(get, "qos"), default_qos = text(get, "default_qos"),
    partition = partitions_of(text(get, "partition")) or text(partition(get, partitions), "name"),
    comment = comment_of(job.comment), tres = least(get, partitions),
    whole_nodes = whole_nodes(get, partition(get, partitions)),
  })
end

local function says(get, fields)
  for _, field in ipairs(fields) do
    if number(get, field) or text(get, field) then return true end
  end
  return false
end

local kinds = {
  shape = { "min_nodes", "num_tasks", "ntasks_per_node", "cpus_per_task", "pn_min_cpus", "min_cpus" },
  generic = { "tres_per_job", "tres_per_node", "tres_per_socket", "tres_per_task", "ntasks_per_tres" },
  memory = { "min_mem_per_cpu", "min_mem_per_node", "mem_per_tres" },
  licenses = { "licenses" },
}

-- What a change of these kinds can change.
local function is_changed(name, said)
  if string.match(name, "^license/") then return said.licenses end
  if name == "mem" then return said.shape or said.generic or said.memory end
  return said.shape or said.generic
end

-- Whether a change can make it a job of another type, or would if it could.
local function says_type(job, get, record)
  if job.licenses then return true end
  return not has_started(record) and (job.comment or job.qos or text(get, "partition")) ~= nil
end

-- What a modification doesn't touch stays as the job has it, and one that touches none of this asks nobody.
function slurm_job_modify(job, record, partitions, uid)
  local new = fields_of(job)
  local said, says_any = {}, text(new, "account")
  for kind, fields in pairs(kinds) do
    said[kind] = says(new, fields)
    says_any = says_any or said[kind]
  end
  if not says_any and not says_type(job, new, record) then return slurm.SUCCESS end
  local sets_memory = says(new, { "min_mem_per_cpu", "min_mem_per_node" })
  local sets_tasks = says(new, { "num_tasks", "cpus_per_task" })
  local function get(field)
    if number(new, field) or text(new, field) then return new(field) end
    -- A limit for each CPU takes the place of one for each node, and the other way round.
    if sets_memory and string.match(field, "^min_mem_per_") then return nil end
    -- Other tasks have other CPUs.
    if sets_tasks and field == "min_cpus" then return nil end
    -- Only of what is asked for now does a 0 say all memory of a node.
    if record[field] == 0 and string.match(field, "^min_mem_per_") then return nil end
    return record[field]
  end
  local tres = {}
  for name, amount in pairs(known(record.tres_fmt_req_str)) do
    if not is_changed(name, said) then tres[name] = amount end
  end
  for name, amount in pairs(least(get, partitions)) do
    if is_changed(name, said) or not tres[name] then tres[name] = amount end
  end
  return check(job, get, {
    account = text(get, "account"), user = text(new, "user_name") or tostring(uid),
    -- An empty one asks for the default.
    qos = job.qos ~= "" and text(get, "qos") or nil, default_qos = text(new, "default_qos"),
    partition = partitions_of(text(get, "partition")), comment = comment_of(job.comment or record.comment),
    tres = tres, whole_nodes = whole_nodes(get, partition(get, partitions)),
  }, record)
end

return slurm.SUCCESS
