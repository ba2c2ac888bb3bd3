import CNats
import Foundation
import NestTesting

/// An operator, an account and its users, as `nsc` would make them: each signs the token of the next.
enum NatsAccounts {
    /// A key pair of NKeys.
    struct Key {
        let seed: String
        let name: String
    }

    private static let boss = Key(
        seed: "SUAICITOABVO3YFHNHZMBU3GFWUV5VGX7NM2OMA4P7VL7GXUSDAXN5LZMM",
        name: "OAIOWOJQU7M63NV22CQLJ3LD2GKZ63ZLYALKA4YF2K57ICUOUA7JC7M4")
    private static let account = Key(
        seed: "SUACQTZLSB4EFIUGLOEY5EUQ3FGMLVXTN6AB345IZF4HTMJ7USXQIH6RJI",
        name: "ABASAZISNIKW4J2RW5CFCSU4JPNS63XVKCKW25NWJV5FMUYDPWUYS6F7")
    static let alice = Key(
        seed: "SUAMRMPXDEOINEMA7ODFHU4TPJDEZJZMZXK42NZOQ7QET4UPEZ2F5AZ36I",
        name: "UCHFKKDTAQ34DP4DKXRF4QHEDOILINRDM3EE3EEO5E6F6IINUJBMVE46")
    static let bob = Key(
        seed: "SUALM4XDA7UKS2RURB53S3PSZBM4D6O2SMK2D7YSOXKK4EP46643UH63KY",
        name: "UAWOWCRAVMF6F237WIAYNXBKJOQQWESC3LES4TEYGZ4KO2N5E4GEELZQ")

    /// A server that knows the operator and the account.
    static func broker(extra: String = "") async throws -> NatsBroker {
        let limits =
            #"{"subs":-1,"data":-1,"payload":-1,"imports":-1,"exports":-1,"wildcards":true,"conn":-1,"leaf":-1}"#
        let boss = try token(boss, of: boss, #"{"type":"operator","version":2}"#)
        let account = try token(
            account, of: Self.boss,
            #"{"type":"account","version":2,"limits":\#(limits),"default_permissions":{"pub":{},"sub":{}}}"#)
        return try await NatsBroker.started(
            extra: """
                operator: "\(boss)"
                resolver: MEMORY
                resolver_preload: { \(Self.account.name): "\(account)" }
                \(extra)
                """)
    }

    /// A `.creds` file of a user who may publish to everything but `denied`.
    static func creds(_ user: Key, denied: [String] = [], signedBy signer: Key? = nil) throws -> String {
        let list = denied.map { "\"\($0)\"" }.joined(separator: ",")
        let limits = #""subs":-1,"data":-1,"payload":-1"#
        let rights = denied.isEmpty ? #""pub":{},"sub":{}"# : #""pub":{"deny":[\#(list)]},"sub":{}"#
        let jwt = try token(
            user, of: signer ?? account, #"{"type":"user","version":2,\#(rights),\#(limits)}"#)
        return """
            -----BEGIN NATS USER JWT-----
            \(jwt)
            ------END NATS USER JWT------

            ************************* IMPORTANT *************************
            NKEY Seed printed below can be used to sign and prove identity.

            -----BEGIN USER NKEY SEED-----
            \(user.seed)
            ------END USER NKEY SEED------

            """
    }

    private static func token(_ subject: Key, of issuer: Key, _ claims: String) throws -> String {
        let body =
            #"{"jti":"\#(UUID().uuidString)","iat":1700000000,"iss":"\#(issuer.name)","name":"test","#
            + #""sub":"\#(subject.name)","nats":\#(claims)}"#
        let text = encoded(#"{"typ":"JWT","alg":"ed25519-nkey"}"#) + "." + encoded(body)
        var signature: UnsafeMutablePointer<UInt8>?
        var length: CInt = 0
        defer { free(signature) }
        guard nats_Open(-1) == NATS_OK, nats_Sign(issuer.seed, text, &signature, &length) == NATS_OK, let signature
        else {
            throw CocoaError(.featureUnsupported)
        }
        return text + "." + encoded(Data(bytes: signature, count: Int(length)))
    }

    private static func encoded(_ text: String) -> String { encoded(Data(text.utf8)) }

    private static func encoded(_ data: Data) -> String {
        data.base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }
}
