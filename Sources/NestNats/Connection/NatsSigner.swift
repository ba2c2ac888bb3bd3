import CNats

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Shows a user's JWT and signs what the server asks. Lives as long as the connect call, which is when it is asked.
final class NatsSigner {
    /// How many nonces are signed before a login is given up. One in 256 signatures cannot be sent.
    static let maxNonces = 4

    var jwt = ""
    var seed = ""
    /// Whether the connect call ended because the library could not have sent our signature. A new connection has a
    /// nonce of its own, and with it another signature.
    private(set) var needsAnotherNonce = false

    /// True for a seed that signs anything at all.
    static func canSign(_ seed: String) -> Bool {
        var signature: UnsafeMutablePointer<UInt8>?
        var length: CInt = 0
        defer { free(signature) }
        // Before the library is open it takes no seed for one.
        guard NatsLibrary.open() == NATS_OK else { return false }
        return nats_Sign(seed, "nonce", &signature, &length) == NATS_OK
    }

    /// The library frees what it is given.
    static func show(
        _ jwt: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ signer: UnsafeMutableRawPointer?
    ) -> natsStatus {
        guard let jwt, let signer else { return NATS_ERR }
        jwt.pointee = strdup(Unmanaged<NatsSigner>.fromOpaque(signer).takeUnretainedValue().jwt)
        return jwt.pointee == nil ? NATS_NO_MEMORY : NATS_OK
    }

    static func sign(
        _ signature: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?, _ length: UnsafeMutablePointer<CInt>?,
        _ nonce: UnsafePointer<CChar>?, _ closure: UnsafeMutableRawPointer?
    ) -> natsStatus {
        guard let signature, let length, let closure else { return NATS_ERR }
        let signer = Unmanaged<NatsSigner>.fromOpaque(closure).takeUnretainedValue()
        let status = nats_Sign(signer.seed, nonce, signature, length)
        // Before 3.8 the library takes a signature whose first byte is zero for an empty text when it encodes it, and
        // logs in without any; the server then refuses a user whose keys are right.
        guard status == NATS_OK, let bytes = signature.pointee, bytes.pointee == 0 else { return status }
        free(bytes)
        signature.pointee = nil
        length.pointee = 0
        signer.needsAnotherNonce = true
        return NATS_ERR
    }
}
