import CNats
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Makes connections out of options: reads the secrets, tries the servers.
struct NatsConnector: Sendable {
    let options: NatsOptions
    let addresses: [NatsAddress]

    init(options: NatsOptions) throws(TransportError) {
        self.options = options
        addresses = try options.addresses()
    }

    /// The files that are read for each connection.
    var files: [String] { [options.credentials?.path].compactMap { $0 } + (options.tls?.paths ?? []) }

    /// A connection to the first server that takes us. `first` are tried before the others; what the last one said is
    /// thrown, or what one said that was there and refused us.
    func connect(
        on loop: PollLoop, trying addresses: [NatsAddress], notices: NatsNotices
    ) async throws(TransportError) -> NatsConnection {
        let login = try await secrets()
        return try await DedicatedThread.blocking { () throws(TransportError) in
            _ = NatsLibrary.open()
            var failure = TransportError(.invalidConfiguration, "no NATS server is named")
            for address in addresses {
                do throws(TransportError) {
                    return try self.connect(to: address, on: loop, login: login, notices: notices)
                } catch {
                    if error.code != .disconnected || failure.code != .unauthenticated { failure = error }
                }
            }
            throw failure
        }
    }

    /// Blocks until the server has taken us, or not; again with another nonce when our signature cannot be sent.
    private func connect(
        to address: NatsAddress, on loop: PollLoop, login: Login, notices: NatsNotices
    ) throws(TransportError) -> NatsConnection {
        var signer = NatsSigner()
        for _ in 1..<NatsSigner.maxNonces {
            do throws(TransportError) {
                return try attempt(at: address, on: loop, login, signer, notices)
            } catch {
                guard signer.needsAnotherNonce else { throw error }
                signer = NatsSigner()
            }
        }
        return try attempt(at: address, on: loop, login, signer, notices)
    }

    private func attempt(
        at address: NatsAddress, on loop: PollLoop, _ login: Login, _ signer: NatsSigner, _ notices: NatsNotices
    ) throws(TransportError) -> NatsConnection {
        let socket = NatsSocket(loop: loop)
        var options: OpaquePointer?
        defer { natsOptions_Destroy(options) }
        var status = natsOptions_Create(&options)
        if status == NATS_OK { status = set(options, address) }
        if status == NATS_OK { status = notices.install(in: options) }
        if status == NATS_OK { status = socket.install(in: options) }
        if status == NATS_OK { status = secure(options, address) }
        guard status == NATS_OK else {
            throw TransportError(nats: status, "an option for \(address) cannot be used").asConfiguration
        }
        guard introduce(options, login.or(address.login), signer) == NATS_OK else {
            throw TransportError(.invalidConfiguration, "\(address): the credentials cannot be used")
        }
        var handle: OpaquePointer?
        status = withExtendedLifetime((socket, signer)) { natsConnection_Connect(&handle, options) }
        guard status == NATS_OK, let handle else {
            throw TransportError(connecting: address, status, as: self.options.credentials)
        }
        return NatsConnection(
            taking: handle, socket, address: address, maxBufferedBytes: self.options.maxBufferedBytes)
    }

    private func set(_ options: OpaquePointer?, _ address: NatsAddress) -> natsStatus {
        let steps = [
            natsOptions_SetURL(options, address.description),
            natsOptions_SetName(options, self.options.name),
            natsOptions_SetTimeout(options, self.options.connectTimeout.milliseconds),
            natsOptions_SetPingInterval(options, self.options.pingInterval.milliseconds),
            natsOptions_SetMaxPingsOut(options, 2),
            // The next connection is ours to make: with secrets read anew, and nothing kept behind our back meanwhile.
            natsOptions_SetAllowReconnect(options, false),
            // With the event loop: hand over at once, and let us say when it is written.
            natsOptions_SetSendAsap(options, true),
            // More than a TLS record: what TLS has decrypted must be taken in one read.
            natsOptions_SetIOBufSize(options, 64 << 10),
        ]
        return steps.first { $0 != NATS_OK } ?? NATS_OK
    }
}

// MARK: - Who we are

extension NatsConnector {
    /// Secrets that were read.
    private enum Login: Sendable {
        case none
        case user(String, password: String)
        case token(String)
        case nkey(String, seed: String)
        case creds(jwt: String, seed: String)

        func or(_ login: NatsAddress.Login?) -> Login {
            guard case .none = self, let login else { return self }
            return switch login {
            case .user(let name, let password): .user(name, password: password)
            case .token(let token): .token(token)
            }
        }
    }

    private func secrets() async throws(TransportError) -> Login {
        do {
            return switch options.credentials?.kind {
            case .user(let name, let password): .user(name, password: try await password.value())
            case .token(let token): .token(try await token.value())
            case .nkey(let key, let seed): .nkey(key, seed: try await seed.value())
            case .creds(let contents): try await creds(contents)
            case nil: .none
            }
        } catch let error as TransportError {
            throw error
        } catch {
            let reason = (error as? ApplicationError)?.message ?? "their closure was cancelled"
            throw TransportError(.unauthenticated, "the credentials for NATS cannot be read: \(reason)", cause: error)
        }
    }

    private func creds(_ contents: Secret) async throws -> Login {
        let file = try await NatsCredsFile(contents.value())
        guard let jwt = file.jwt, let seed = file.seed, NatsSigner.canSign(seed) else {
            let place = contents.path ?? "a .creds secret"
            let what = file.jwt == nil ? "no user JWT stands in it" : "no seed that can be used stands in it"
            throw TransportError(.unauthenticated, "the credentials for NATS cannot be read: \(place): \(what)")
        }
        return .creds(jwt: jwt, seed: seed)
    }

    private func introduce(_ options: OpaquePointer?, _ login: Login, _ signer: NatsSigner) -> natsStatus {
        switch login {
        case .none: return NATS_OK
        case .user(let name, let password): return natsOptions_SetUserInfo(options, name, password)
        case .token(let token): return natsOptions_SetToken(options, token)
        case .creds(let jwt, let seed):
            signer.jwt = jwt
            signer.seed = seed
            let closure = Unmanaged.passUnretained(signer).toOpaque()
            return natsOptions_SetUserCredentialsCallbacks(
                options, { jwt, _, signer in NatsSigner.show(jwt, signer) }, closure,
                { NatsSigner.sign($1, $2, $3, $4) }, closure)
        case .nkey(let key, let seed):
            signer.seed = seed
            return natsOptions_SetNKey(
                options, key, { NatsSigner.sign($1, $2, $3, $4) }, Unmanaged.passUnretained(signer).toOpaque())
        }
    }
}

// MARK: - TLS

extension NatsConnector {
    private func secure(_ options: OpaquePointer?, _ address: NatsAddress) -> natsStatus {
        guard address.isTLS || self.options.tls != nil else { return NATS_OK }
        let tls = self.options.tls ?? NatsTLSOptions()
        var status = natsOptions_SetSecure(options, true)
        if status == NATS_OK { status = trust(options, tls) }
        if status == NATS_OK { status = show(options, tls) }
        if status == NATS_OK {
            status = natsOptions_SetExpectedHostname(options, tls.serverName ?? address.certificateName)
        }
        if status == NATS_OK, tls.insecureSkipVerification {
            status = natsOptions_SkipServerVerification(options, true)
        }
        return status
    }

    private func trust(_ options: OpaquePointer?, _ tls: NatsTLSOptions) -> natsStatus {
        switch tls.certificateAuthority {
        case .file(let path): natsOptions_LoadCATrustedCertificates(options, path)
        case .text(let text): natsOptions_SetCATrustedCertificates(options, text)
        case nil: NATS_OK
        }
    }

    private func show(_ options: OpaquePointer?, _ tls: NatsTLSOptions) -> natsStatus {
        switch (tls.certificate, tls.privateKey) {
        case (.file(let certificate)?, .file(let key)?):
            natsOptions_LoadCertificatesChain(options, certificate, key)
        case (.text(let certificate)?, .text(let key)?):
            natsOptions_SetCertificatesChain(options, certificate, key)
        case (nil, nil): NATS_OK
        default: NATS_INVALID_ARG
        }
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 { Int64(clamping: Int(self / .milliseconds(1))) }
}

extension TransportError {
    fileprivate var asConfiguration: TransportError { TransportError(.invalidConfiguration, message) }
}
