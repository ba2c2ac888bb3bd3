import NIOCore

/// A step that Redis takes as a whole or not at all.
struct RedisScript: Sendable {
    private let text: String
    private var keys: [String] = []
    private var arguments: [String] = []

    init(_ text: String) { self.text = text }

    /// The same for these keys and arguments.
    func with(_ keys: [String], _ arguments: [String] = []) -> RedisScript {
        var script = self
        script.keys = keys
        script.arguments = arguments
        return script
    }

    /// As a command.
    var command: [String] { ["EVAL", text, String(keys.count)] + keys + arguments }

    func send(over connection: RedisConnection, _ expected: RedisExpected = .nothing) {
        connection.send(command, expected)
    }

    /// Begins the command; so many arguments are to follow.
    func write(to bytes: inout ByteBuffer, keys: [String], arguments: Int) {
        bytes.beginCommand(3 + keys.count + arguments)
        bytes.writeArgument("EVAL" as StaticString)
        bytes.writeArgument(text)
        bytes.writeArgument(Int64(keys.count))
        for key in keys { bytes.writeArgument(key) }
    }
}

// MARK: - Streams

extension RedisScript {
    /// Trims a stream to about `keep` entries, but never what a group has not finished: what it has not read, and what
    /// its consumers still work on.
    static func trim(_ stream: String, keep: Int) -> RedisScript { trimming.with([stream], [String(keep)]) }

    private static let trimming = RedisScript(
        """
        local excess = redis.call('XLEN', KEYS[1]) - tonumber(ARGV[1])
        if excess <= 0 then return 0 end
        local oldest, oldest_ms, oldest_seq
        for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
          local field = {}
          for i = 1, #group, 2 do field[group[i]] = group[i + 1] end
          local id = field['last-delivered-id']
          if field['pending'] > 0 then id = redis.call('XPENDING', KEYS[1], field['name'])[2] end
          local ms, seq = string.match(id, '^(%d+)-(%d+)$')
          ms, seq = tonumber(ms), tonumber(seq)
          if not oldest or ms < oldest_ms or (ms == oldest_ms and seq < oldest_seq) then
            oldest, oldest_ms, oldest_seq = id, ms, seq
          end
        end
        if not oldest then return redis.call('XTRIM', KEYS[1], 'MAXLEN', '~', ARGV[1]) end
        return redis.call('XTRIM', KEYS[1], 'MINID', '~', oldest, 'LIMIT', excess)
        """)

    /// Lets go of a group's consumers that have nothing and were not heard of for so long, and of one by its name.
    static func tidy(_ stream: String, _ group: String, idle: Duration, leaving: String = "") -> RedisScript {
        tidying.with([stream], [group, String(Int64(idle / .milliseconds(1))), leaving])
    }

    private static let tidying = RedisScript(
        """
        for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
          local field = {}
          for i = 1, #consumer, 2 do field[consumer[i]] = consumer[i + 1] end
          if field['pending'] == 0 and (field['name'] == ARGV[3] or field['idle'] > tonumber(ARGV[2])) then
            redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], field['name'])
          end
        end
        return 0
        """)

    /// Makes a group. `last`, when it is still there, is the entry it goes on after: the stream is the one we know.
    static func group(_ stream: String, _ group: String, _ start: String, _ last: String) -> RedisScript {
        grouping.with([stream], [group, start, last])
    }

    private static let grouping = RedisScript(
        """
        local start = ARGV[2]
        if ARGV[3] ~= '' and #redis.call('XRANGE', KEYS[1], ARGV[3], ARGV[3]) > 0 then start = ARGV[3] end
        return redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], start, 'MKSTREAM')
        """)

    /// Adds an event that has a key: it names the one before it in its slot.
    static let chain = RedisScript(
        """
        local last = redis.call('HGET', KEYS[2], ARGV[1])
        local id
        if last then
          id = redis.call('XADD', KEYS[1], '*', 'nest-prev', last, unpack(ARGV, 2))
        else
          id = redis.call('XADD', KEYS[1], '*', unpack(ARGV, 2))
        end
        redis.call('HSET', KEYS[2], ARGV[1], id)
        return id
        """)

    /// Keeps an entry as a dead letter and finishes it for its group, once: a second time finds nothing to do.
    static let bury = RedisScript(
        """
        if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1) == 0 then return 0 end
        redis.call('XADD', KEYS[2], '*', unpack(ARGV, 5))
        redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
        if ARGV[3] == '1' then redis.call('XDEL', KEYS[1], ARGV[2]) end
        if ARGV[4] ~= '' then redis.call('PUBLISH', ARGV[4], ARGV[2]) end
        return 1
        """)

    /// Puts the content of a dead letter back and lets go of it, once.
    static let replay = RedisScript(
        """
        if #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1]) == 0 then return 0 end
        if ARGV[2] == 'stream' then
          redis.call('XADD', KEYS[2], '*', unpack(ARGV, 3))
        else
          redis.call('LPUSH', KEYS[2], ARGV[3])
        end
        redis.call('XDEL', KEYS[1], ARGV[1])
        return 1
        """)
}

// MARK: - Lists

extension RedisScript {
    /// Puts an event into the list of each group. When none is known although services are there, Redis has lost its
    /// data: they are told to register again, and -1 is the answer.
    static let spread = RedisScript(
        """
        local groups = redis.call('SMEMBERS', KEYS[1])
        for _, group in ipairs(groups) do redis.call('LPUSH', ARGV[1] .. group, ARGV[2]) end
        if #groups == 0 and redis.call('PUBLISH', ARGV[3], 'register') > 0 then return -1 end
        return #groups
        """)

    /// Keeps an element as a dead letter and finishes it, once.
    static let buryElement = RedisScript(
        """
        if not redis.call('LPOS', KEYS[1], ARGV[1]) then return 0 end
        redis.call('XADD', KEYS[2], '*', unpack(ARGV, 2))
        redis.call('LREM', KEYS[1], 1, ARGV[1])
        return 1
        """)

    /// Writes an element anew, with another attempt in it.
    static let rewriteElement = RedisScript(
        """
        if not redis.call('LPOS', KEYS[1], ARGV[1]) then return 0 end
        redis.call('LREM', KEYS[1], 1, ARGV[1])
        redis.call('LPUSH', KEYS[1], ARGV[2])
        return 1
        """)

    /// Puts an element back where it came from, before all others.
    static let returnElement = RedisScript(
        """
        if not redis.call('LPOS', KEYS[1], ARGV[1]) then return 0 end
        redis.call('LREM', KEYS[1], 1, ARGV[1])
        redis.call('RPUSH', KEYS[2], ARGV[2])
        return 1
        """)

    /// A consumer says that it is there, and which group it is of.
    static let breathe = RedisScript(
        """
        redis.call('SADD', KEYS[1], ARGV[1])
        redis.call('SET', KEYS[2], '1', 'PX', ARGV[2])
        if KEYS[3] then redis.call('SADD', KEYS[3], ARGV[3]) end
        return 0
        """)

    /// Takes over what the dead have left, so many at the most; lets go of the dead that have left nothing.
    static let inherit = RedisScript(
        """
        local taken = {}
        for _, consumer in ipairs(redis.call('SMEMBERS', KEYS[1])) do
          if consumer ~= ARGV[3] and redis.call('EXISTS', ARGV[1] .. consumer) == 0 then
            local work = ARGV[2] .. consumer
            while #taken < tonumber(ARGV[4]) do
              local element = redis.call('LMOVE', work, KEYS[2], 'RIGHT', 'LEFT')
              if not element then break end
              taken[#taken + 1] = element
            end
            if redis.call('LLEN', work) == 0 then redis.call('SREM', KEYS[1], consumer) end
          end
        end
        return taken
        """)
}
