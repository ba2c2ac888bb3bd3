import NestNats
import NestTesting

/// Servers that all tests of a run share, each started when it is first asked for.
actor Brokers {
    static let shared = Brokers()

    private var started: [String: Task<NatsBroker, any Error>] = [:]

    func broker(
        _ name: String, _ access: NatsBroker.Access = .open, jetStream: Bool = false
    ) async throws -> NatsBroker {
        if let task = started[name] { return try await task.value }
        let task = Task { try await NatsBroker.started(access, jetStream: jetStream) }
        started[name] = task
        return try await task.value
    }
}

/// How clients are let in, in the ways that the whole suite is run over.
enum NatsLogin: String, CaseIterable, Sendable {
    case passwordOverTLS, token, nkey

    static let seed = "SUAMRJLEJP5UYRME7FUFY7R6WYTUF6N742ETJ23LZT3QW6AYU5SVA2KFBU"
    static let publicKey = "UDHWC3FHJRJNVUIWZ3LZXHH3TG43ACMBXH6YGXZLRYLBBVOPA2VUL56D"

    /// A server that lets in nobody else.
    func broker(jetStream: Bool) async throws -> NatsBroker {
        try await Brokers.shared.broker("\(self) \(jetStream)", try access(), jetStream: jetStream)
    }

    private func access() throws -> NatsBroker.Access {
        switch self {
        case .passwordOverTLS: .user("app", password: "s3cret", tls: try Certificates.shared.get().server())
        case .token: .token("t0ken")
        case .nkey: .nkey(Self.publicKey)
        }
    }

    func configure(_ options: inout NatsOptions) throws {
        switch self {
        case .passwordOverTLS:
            options.credentials = .user("app", password: .value("s3cret"))
            options.tls = NatsTLSOptions(
                certificateAuthority: .file(try Certificates.shared.get().path("ca.pem")))
        case .token: options.credentials = .token(.value("t0ken"))
        case .nkey: options.credentials = .nkey(Self.publicKey, seed: .value(Self.seed))
        }
    }
}
