import Foundation

/// A way into a ``KafkaBroker``: a port with an access of its own, as a child process.
public final class KafkaListener: Sendable {
    /// The port on 127.0.0.1 that it listens on.
    public let port: Int
    /// The port clients come to: another one when something of the test's is in between.
    public let publicPort: Int
    /// The process. It writes who has logged in and who was refused.
    public let process: BrokerProcess

    /// - Parameters:
    ///   - broker: The port of the broker itself.
    ///   - advertised: The port it tells clients to come to; nil: this one's.
    ///   - publicPort: The port they are told in its place; nil: this one's.
    init(_ access: KafkaBroker.Access, to broker: Int, advertised: Int? = nil, publicPort: Int? = nil) throws {
        port = try FreePort.take()
        self.publicPort = publicPort ?? port
        let ports = ["--advertised", "\(advertised ?? port)", "--public", "\(self.publicPort)"]
        process = BrokerProcess(
            BrokerProgram(
                "python3", arguments: [Self.script("kafka_proxy"), "\(port)", "\(broker)"] + ports + access.arguments,
                readyLine: "listening on"))
    }

    /// Where clients begin: `127.0.0.1:9092`.
    public var bootstrap: String { "127.0.0.1:\(publicPort)" }

    /// The same as a URL: `kafka://127.0.0.1:9092`.
    public var url: String { "kafka://\(bootstrap)" }

    static func script(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Scripts/\(name).py").path
    }
}
