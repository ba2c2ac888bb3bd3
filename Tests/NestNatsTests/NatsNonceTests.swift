import NestNats
import NestTesting
import Testing

/// Logins whose signature begins with a zero byte, as one in 256 does.
@Suite("NATS: signatures of nonces") struct NatsNonceTests {
    private static let seed = "SUAMRJLEJP5UYRME7FUFY7R6WYTUF6N742ETJ23LZT3QW6AYU5SVA2KFBU"
    private static let publicKey = "UDHWC3FHJRJNVUIWZ3LZXHH3TG43ACMBXH6YGXZLRYLBBVOPA2VUL56D"
    /// The seed's signature of it begins with a zero byte.
    private static let zeroNonce = "QfABH09qEhy8cA4"
    private static let otherNonce = "rZ3vB0hTq5mYc8k"
    /// What another implementation of Ed25519 makes of the other nonce.
    private static let otherSignature =
        "CEW1lzVAdptidfFHTLAsPY2luz-epW06aW4cFApOnuVn9z17ioD4SRsx2US5qFvy771UIaHQ5kmmjm33fPD4BQ"

    private static let credentials: [NatsCredentials] = [
        .nkey(publicKey, seed: .value(seed)),
        .creds(
            .value(
                """
                -----BEGIN NATS USER JWT-----
                a.users.token
                ------END NATS USER JWT------
                -----BEGIN USER NKEY SEED-----
                \(seed)
                ------END USER NKEY SEED------
                """)),
    ]

    private func client(of server: NonceServer, _ credentials: NatsCredentials) throws -> ClientProxy {
        var options = NatsOptions.test(server.url)
        options.credentials = credentials
        return try ClientProxy.nats(options)
    }

    @Test(arguments: credentials)
    func aSignatureThatCannotBeSentIsMadeAnew(_ credentials: NatsCredentials) async throws {
        let server = try await NonceServer.start(Self.zeroNonce, Self.otherNonce)
        let client = try client(of: server, credentials)
        try await client.connect()
        let said = server.said.value
        #expect(said.count == 2)
        #expect(said.first == "", "the server hears of no login without a signature")
        #expect(said.last?.contains(#""sig":"\#(Self.otherSignature)""#) == true)
        await client.close()
        try await server.stop()
    }

    @Test func aServerWithOneNonceIsNotAskedForEver() async throws {
        let server = try await NonceServer.start(Self.zeroNonce)
        let client = try client(of: server, Self.credentials[0])
        let error = await #expect(throws: TransportError.self) { try await client.connect() }
        #expect(error?.code == .disconnected)
        #expect(server.said.value == ["", "", "", ""])
        await client.close()
        try await server.stop()
    }
}
