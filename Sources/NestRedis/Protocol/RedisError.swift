/// What Redis answers instead of a result: a word in capitals, and a text.
struct RedisError: Sendable, Equatable {
    /// `NOAUTH`, `READONLY`; `ERR` for what has no word of its own.
    let code: String
    /// All of it.
    let text: String

    init(_ text: String) {
        self.text = text
        let word = text.prefix { $0 != " " }
        code = word.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) } ? String(word) : "ERR"
    }

    /// The server is not, or no longer, one that takes writes: another one may be.
    var meansAnotherServer: Bool {
        switch code {
        case "READONLY", "LOADING", "MASTERDOWN", "UNKILLABLE", "CLUSTERDOWN", "TRYAGAIN": true
        default: false
        }
    }
}

extension TransportError {
    /// An error of Redis in words that say what to do; `action` is what was tried.
    init(redis error: RedisError, _ action: String) {
        let (code, hint): (Code, String) =
            switch error.code {
            case "NOAUTH", "WRONGPASS": (.unauthenticated, "Redis refuses the user or the password")
            case "NOPERM": (.forbidden, "the user may not do this in Redis: see its ACL")
            case "OOM": (.overloaded, "Redis has no memory left: see `maxmemory`")
            case "READONLY": (.disconnected, "this Redis is a replica, and takes no writes")
            case "LOADING": (.disconnected, "Redis is loading its data")
            case "MASTERDOWN": (.disconnected, "this Redis is a replica, and its primary is down")
            case "UNKILLABLE", "BUSY": (.overloaded, "a script holds Redis up")
            case "MISCONF": (.overloaded, "Redis cannot write to its disk, and takes nothing")
            case "NOREPLICAS": (.overloaded, "Redis has too few replicas, and takes nothing")
            case "WRONGTYPE": (.invalidConfiguration, "a key with this prefix holds something else")
            case "NOGROUP": (.disconnected, "the consumer group is gone")
            case "BUSYGROUP": (.invalidConfiguration, "the consumer group exists")
            case "NOSCRIPT": (.disconnected, "Redis does not know the script any more")
            default: (.invalidConfiguration, "Redis refuses")
            }
        self.init(code, "\(action): \(hint) (\(error.text))")
    }
}
