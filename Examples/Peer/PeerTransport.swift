import ArgumentParser
import Foundation
import NestGRPC
import NestMessaging
import NestNats
import NestRabbitMQ
import NestRedis
import NestTCP

/// How messages travel over Redis, as the command line says it.
enum PeerRedisMode: String, ExpressibleByArgument, CaseIterable {
    case streams, lists, pubsub

    var mode: RedisMode {
        switch self {
        case .streams: .streams
        case .lists: .lists
        case .pubsub: .pubSub
        }
    }
}

/// What the three commands share: a URL that chooses the transport, and its settings.
struct PeerTransport: ParsableArguments {
    @Argument(
        help: """
            Where the service is: tcp://127.0.0.1:4000 or tcp+unix:/path, port 0 takes a free one (serve); \
            grpc://127.0.0.1:50051, or grpcs:// with TLS; \
            nats://127.0.0.1:4222, several separated by commas, or tls:// for NATS with TLS; \
            redis://127.0.0.1:6379 or rediss://; \
            amqp://127.0.0.1:5672 or amqps:// for RabbitMQ; \
            kafka://127.0.0.1:9092, several separated by commas, --ca for TLS.
            """)
    var url: String

    @Option(help: "Put before every name on brokers that are shared.") var prefix: String?
    @Option(help: "Where requests wait; instances of one queue share them.") var queue = "nest-peer"
    @Option(help: "The identity for events; the queue unless given.") var group: String?
    @Option(help: "A JetStream stream that keeps the events (NATS).") var stream: String?
    @Flag(help: "Queues of one node instead of quorum queues (RabbitMQ).") var classic = false
    @Flag(help: "A group that is new begins with the oldest event (NATS, Kafka).") var fromBeginning = false
    @Option(help: "How messages travel over Redis: streams, lists or pubsub.") var mode = PeerRedisMode.streams
    @Option(help: "Seconds after which the work of a consumer that is not heard of goes to others (Redis).")
    var claimAfter: Int?
    @Option(help: "How the user of the URL logs in: plain, scram-sha-256 or scram-sha-512 (Kafka).")
    var sasl = PeerSaslMechanism.scramSHA256
    @Option(help: "Seconds after which an instance that is not heard of loses its partitions (Kafka).")
    var sessionTimeout: Int?
    @Option(help: "A property of librdkafka, NAME=VALUE; may come more than once (Kafka).")
    var property: [String] = []
    @Option(help: "CA certificate (PEM): turns TLS on. As a server: clients must show a certificate of it.")
    var ca: String?
    @Option(help: "This side's certificate chain (PEM).") var cert: String?
    @Option(help: "This side's private key (PEM).") var key: String?

    /// The URL as it may be shown: without who we are, which may hold a password or be a token, and without its query.
    var shownURL: String {
        url.split(separator: ",").map { address in
            var shown = String(address)
            if let scheme = shown.range(of: "://"), let login = shown.range(of: "@", options: .backwards),
                scheme.upperBound < login.upperBound
            {
                shown.removeSubrange(scheme.upperBound..<login.upperBound)
            }
            return String(shown.prefix { $0 != "?" })
        }.joined(separator: ",")
    }

    /// The transport of the URL, for the side that listens.
    func server() throws -> any Transport {
        if isGRPC { return GRPCTransport(try grpcOptions(serverTLS, connections: nil)) }
        return try transport(tls: serverTLS)
    }

    /// The transport of the URL, for the side that calls.
    func client(connections: Int? = nil) throws -> any Transport {
        if isGRPC { return GRPCTransport(try grpcOptions(clientTLS, connections: connections)) }
        return try transport(tls: clientTLS, connections: connections)
    }

    private func transport(tls: TLSOptions?, connections: Int? = nil) throws -> any Transport {
        if isNats { return NatsTransport(natsOptions) }
        if url.hasPrefix("amqp://") || url.hasPrefix("amqps://") { return RabbitMQTransport(rabbitOptions) }
        if isKafka { return try kafka() }
        if url.hasPrefix("redis") { return RedisTransport(redisOptions) }
        var options = try TCPOptions(address: address, tls: tls)
        if let connections { options.connections = connections }
        return TCPTransport(options)
    }

    private var isNats: Bool { url.hasPrefix("nats://") || url.hasPrefix("tls://") }

    private var natsOptions: NatsOptions {
        var options = NatsOptions(servers: [url])
        options.prefix = prefix ?? ""
        if let ca {
            options.tls = NatsTLSOptions(
                certificateAuthority: .file(ca), certificate: cert.map { .file($0) }, privateKey: key.map { .file($0) })
        }
        if let stream {
            // Not `audit.>`: among its names are requests.
            var kept = JetStreamOptions(stream: stream, subjects: ["user.created", "flaky.event"])
            if fromBeginning { kept.start = .beginning }
            options.jetStream = kept
        }
        return options
    }

    private var redisOptions: RedisOptions {
        var options = RedisOptions(servers: url.split(separator: ",").map(String.init))
        options.mode = mode.mode
        options.queue = queue
        if let prefix { options.prefix = prefix }
        if let claimAfter { options.claimAfter = .seconds(claimAfter) }
        if let ca {
            options.tls = RedisTLSOptions(
                certificateAuthority: .file(ca), certificate: cert.map { .file($0) }, privateKey: key.map { .file($0) })
        }
        return options
    }

    private var rabbitOptions: RabbitMQOptions {
        var options = RabbitMQOptions(servers: [url])
        options.prefix = prefix ?? options.prefix
        options.service = queue
        if classic { options.queues.kind = .classic }
        if let ca {
            options.tls = RabbitMQTLSOptions(
                certificateAuthority: .file(ca), certificate: cert.map { .file($0) }, privateKey: key.map { .file($0) })
        }
        return options
    }

    private var address: TCPAddress {
        get throws {
            if url.hasPrefix("tcp+unix:") { return .unixSocket(String(url.dropFirst("tcp+unix:".count))) }
            guard let parts = URLComponents(string: url), parts.scheme == "tcp", let host = parts.host,
                let port = parts.port
            else {
                throw ValidationError(
                    """
                    `\(url)`: write tcp://HOST:PORT, tcp+unix:PATH, grpc://, nats://, redis://, amqp:// or kafka://
                    """)
            }
            return .host(host.trimmingCharacters(in: CharacterSet(charactersIn: "[]")), port: port)
        }
    }

    private var serverTLS: TLSOptions? {
        guard let cert, let key else { return nil }
        return .server(
            certificate: .file(cert), privateKey: .file(key), clientCertificateAuthority: ca.map { .file($0) })
    }

    private var clientTLS: TLSOptions? {
        guard let ca else { return nil }
        return .client(
            certificateAuthority: .file(ca), certificate: cert.map { .file($0) }, privateKey: key.map { .file($0) })
    }

    func validate() throws {
        guard (cert == nil) == (key == nil) else { throw ValidationError("--cert and --key come together") }
    }
}
