import ArgumentParser
import Foundation
import NestKafka
import NestMessaging

/// How a user proves to Kafka's brokers who he is.
enum PeerSaslMechanism: String, ExpressibleByArgument, CaseIterable {
    case plain
    case scramSHA256 = "scram-sha-256"
    case scramSHA512 = "scram-sha-512"

    func options(_ user: String, _ password: Secret) -> KafkaSaslOptions {
        switch self {
        case .plain: .plain(user, password: password)
        case .scramSHA256: .scramSHA256(user, password: password)
        case .scramSHA512: .scramSHA512(user, password: password)
        }
    }
}

extension PeerTransport {
    var isKafka: Bool { url.hasPrefix("kafka://") }

    func kafka() throws -> any Transport { KafkaTransport(try kafkaOptions()) }

    /// `kafka://USER:PASSWORD@HOST:PORT,HOST:PORT`: the user before the first broker counts for all.
    private func kafkaOptions() throws -> KafkaOptions {
        let address = url.dropFirst("kafka://".count)
        let at = address.lastIndex(of: "@")
        let brokers = at.map { address[address.index(after: $0)...] } ?? address
        var options = KafkaOptions(brokers: brokers.split(separator: ",").map(String.init))
        options.service = queue
        if let prefix { options.prefix = prefix }
        if fromBeginning { options.consumer.start = .beginning }
        if let at { options.connection.sasl = try kafkaLogin(address[..<at]) }
        if let ca {
            options.connection.tls = KafkaTLSOptions(
                certificateAuthority: .file(ca), certificate: cert.map { .file($0) }, privateKey: key.map { .file($0) })
        }
        options.connection.properties = try properties()
        if let sessionTimeout {
            options.consumer.sessionTimeout = .seconds(sessionTimeout)
            options.consumer.heartbeatInterval = min(.seconds(sessionTimeout) / 6, options.consumer.heartbeatInterval)
        }
        return options
    }

    private func kafkaLogin(_ user: Substring) throws -> KafkaSaslOptions {
        let parts = user.split(separator: ":", maxSplits: 1).compactMap { String($0).removingPercentEncoding }
        guard parts.count == 2 else { throw ValidationError("write kafka://USER:PASSWORD@HOST:PORT") }
        return sasl.options(parts[0], .value(parts[1]))
    }

    private func properties() throws -> [String: String] {
        try property.reduce(into: [:]) { all, word in
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw ValidationError("`\(word)`: write NAME=VALUE") }
            all[String(parts[0])] = String(parts[1])
        }
    }
}
