/// What JetStream is asked and answers, as far as it concerns us.
enum JetStreamWire {
    struct Failure: Codable, Sendable {
        var code: Int
        var err_code: Int?
        var description: String?

        static let streamNotFound = 10_059
        static let consumerNotFound = 10_014
        static let noPeers = 10_005
    }

    /// Every answer may be an error instead.
    struct Problem: Codable, Sendable {
        var error: Failure?
    }

    struct StreamConfig: Codable, Sendable {
        var name: String
        var subjects: [String]?
        var retention: String
        var storage: String
        var num_replicas: Int
        /// Nanoseconds; 0: no limit.
        var max_age: Int64
        var max_bytes: Int?
        var duplicate_window: Int64?
        var discard: String?
    }

    struct StreamState: Codable, Sendable {
        var messages: UInt64
        var bytes: UInt64?
        var first_seq: UInt64
        var last_seq: UInt64
    }

    struct StreamInfo: Codable, Sendable {
        var config: StreamConfig
        var state: StreamState
    }

    struct ConsumerConfig: Codable, Sendable {
        var durable_name: String
        var deliver_policy: String
        var opt_start_seq: UInt64?
        var opt_start_time: String?
        var ack_policy = "explicit"
        /// Nanoseconds.
        var ack_wait: Int64
        /// Dead letters are ours to keep, so the server never gives up by itself.
        var max_deliver = -1
        var max_ack_pending = -1
        var replay_policy = "instant"
        var filter_subject: String?
        var filter_subjects: [String]?
    }

    struct ConsumerUpdate: Codable, Sendable {
        var stream_name: String
        var config: JSONValue
    }

    struct Filters: Codable, Sendable {
        var filter_subject: String?
        var filter_subjects: [String]?
    }

    struct ConsumerConfigs: Codable, Sendable {
        var config: JSONValue
    }

    struct ConsumerRequest: Codable, Sendable {
        var stream_name: String
        var config: ConsumerConfig
    }

    struct ConsumerInfo: Codable, Sendable {
        var num_pending: UInt64
        var num_ack_pending: Int
        var num_redelivered: Int?
        var config: Filters?
    }

    /// Nanoseconds throughout.
    struct PullRequest: Codable, Sendable {
        var batch: Int
        var expires: Int64
        var idle_heartbeat: Int64
    }

    struct Ack: Codable, Sendable {
        var stream: String?
        var seq: UInt64?
        var duplicate: Bool?
        var error: Failure?
    }
}

extension Duration {
    /// Whole nanoseconds.
    var nanoseconds: Int64 { Int64(clamping: Int(self / .nanoseconds(1))) }
}
