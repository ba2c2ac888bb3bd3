import CRdKafka

extension TransportError {
    /// What the library or a broker says, in words that tell where to look.
    init(kafka code: rd_kafka_resp_err_t, _ what: String, reason: String? = nil) {
        let said = reason ?? String(cString: rd_kafka_err2str(code))
        let hint = Self.hint(code, said).map { ": \($0)" } ?? ""
        self.init(
            Self.isAboutCertificates(code, said) ? .unauthenticated : Self.code(of: code), "\(what): \(said)\(hint)")
    }

    /// The one table from the library's codes to ours.
    static func code(of code: rd_kafka_resp_err_t) -> Code {
        switch code {
        case RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
            RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE:
            .unauthenticated
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
            RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
            .forbidden
        case RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__RESOLVE,
            RD_KAFKA_RESP_ERR__SSL, RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, RD_KAFKA_RESP_ERR__DESTROY,
            RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, RD_KAFKA_RESP_ERR__FATAL,
            RD_KAFKA_RESP_ERR__FENCED:
            .disconnected
        case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE,
            RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
            .timeout
        case RD_KAFKA_RESP_ERR__QUEUE_FULL, RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED: .overloaded
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE: .tooLarge
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
            RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
            .notFound
        case RD_KAFKA_RESP_ERR__INVALID_ARG, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION: .invalidConfiguration
        default: .rejected
        }
    }

    /// With TLS 1.3 a broker that misses our certificate hangs up, and only the text says why.
    private static func isAboutCertificates(_ code: rd_kafka_resp_err_t, _ said: String) -> Bool {
        [RD_KAFKA_RESP_ERR__SSL, RD_KAFKA_RESP_ERR__TRANSPORT].contains(code) && said.contains("certificate")
    }

    private static func hint(_ code: rd_kafka_resp_err_t, _ said: String) -> String? {
        switch code {
        case RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
            RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
            "see `connection.sasl`"
        case _ where isAboutCertificates(code, said), RD_KAFKA_RESP_ERR__SSL: "see `connection.tls`"
        case RD_KAFKA_RESP_ERR__RESOLVE: "see `brokers`"
        case RD_KAFKA_RESP_ERR__TRANSPORT where said.contains("ApiVersion"):
            "see `connection.tls`: it may be a TLS port"
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC: "see `topics`"
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE: "see `maxMessageBytes`, and the brokers' `message.max.bytes`"
        case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
            "something has blocked the thread that handlers begin on, see `consumer.maxPollInterval`"
        default: nil
        }
    }
}
