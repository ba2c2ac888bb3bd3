import Foundation

/// Tansu, a broker that speaks Kafka's protocol, as a child process. `Scripts/setup.sh --peers` installs it.
///
/// It knows neither TLS nor logins, and what it says first librdkafka before 2.2 cannot read: clients come through a
/// ``KafkaListener``. One on which `access` holds is there from the start, others may be added.
///
/// ```swift
/// let broker = try await KafkaBroker.started(durable: true)
/// await broker.process.kill()
/// try await broker.start()      // the same port, the same data
/// ```
public final class KafkaBroker: Sendable {
    /// The process that is killed, stopped where it stands, and started again. What clients connect to goes on.
    public let process: BrokerProcess
    /// Where the broker itself listens: plain text for everybody, and nothing of what it says is changed.
    public let directPort: Int
    /// What clients connect to.
    public let listener: KafkaListener
    /// Where its data is; nil: in its own memory.
    private let store: BrokerProcess?

    /// Whether Tansu is there.
    public static var isInstalled: Bool { BrokerProcess.isInstalled(program) && BrokerProcess.isInstalled("python3") }

    /// Whether tests that need it run: see ``BrokerProcess/isExpected(_:)``.
    public static var isExpected: Bool { isInstalled || BrokerProcess.isCI }

    /// A broker that is not started.
    ///
    /// - Parameters:
    ///   - access: Who may connect, and how.
    ///   - durable: Its data outlives it. Without, topics, records and offsets are lost with the process.
    public init(_ access: Access = .open, durable: Bool = false) throws {
        directPort = try FreePort.take()
        listener = try KafkaListener(access, to: directPort)
        let storePort = durable ? try FreePort.take() : nil
        store = storePort.map { port in
            BrokerProcess(
                BrokerProgram(
                    "python3", arguments: [KafkaListener.script("kafka_store"), "\(port)"], readyLine: "listening on"))
        }
        let urls = [
            "--listener-url", "tcp://127.0.0.1:\(directPort)", "--advertised-listener-url",
            "tcp://127.0.0.1:\(listener.port)", "--storage-engine", durable ? "s3://tansu/" : "memory://tansu/",
        ]
        process = BrokerProcess(
            BrokerProgram(
                Self.program, arguments: ["broker"] + urls, environment: storePort.map(Self.environment) ?? [:],
                readyLine: "ready in"))
    }

    /// A broker that is started.
    public static func started(_ access: Access = .open, durable: Bool = false) async throws -> KafkaBroker {
        let broker = try KafkaBroker(access, durable: durable)
        try await broker.start()
        return broker
    }

    /// Starts it and returns when it serves. The same ports at each start, and the same data when it is durable.
    public func start() async throws {
        try await store?.start()
        try await listener.process.start()
        for attempt in 1... {
            do {
                return try await process.start()
            } catch {
                // While it was away, its port may have been lent to somebody's connection.
                guard attempt < 4, process.output.contains(where: { $0.contains("AddrInUse") }) else { throw error }
            }
        }
    }

    /// One more way in, which is started.
    ///
    /// - Parameters:
    ///   - access: Who may connect, and how.
    ///   - proxy: Clients come through this, and are told to come back through it; it is started when it is not. Where it
    ///     led to before is forgotten.
    public func listener(_ access: Access = .open, behind proxy: FaultProxy? = nil) async throws -> KafkaListener {
        if let proxy, proxy.port == 0 { try await proxy.start() }
        let added = try KafkaListener(
            access, to: directPort, advertised: listener.port, publicPort: proxy?.port)
        try await added.process.start()
        proxy?.redirect(to: Endpoint(scheme: "tcp", location: .host("127.0.0.1", port: added.port)))
        return added
    }

    /// Where clients begin: `127.0.0.1:9092`.
    public var bootstrap: String { listener.bootstrap }

    /// The same as a URL: `kafka://127.0.0.1:9092`.
    public var url: String { listener.url }

    /// Beside the Python of the peers, or in `PATH`.
    private static let program: String = {
        let ours = URL(fileURLWithPath: PythonPeer.python).deletingLastPathComponent().appendingPathComponent("tansu")
        return BrokerProcess.isInstalled(ours.path) ? ours.path : "tansu"
    }()

    private static func environment(_ port: Int) -> [String: String] {
        [
            "AWS_ENDPOINT": "http://127.0.0.1:\(port)", "AWS_ALLOW_HTTP": "true", "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "nest", "AWS_SECRET_ACCESS_KEY": "nest",
        ]
    }
}
