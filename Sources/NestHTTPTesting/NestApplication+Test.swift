extension NestApplication {
    /// Starts the application, runs `body` with a client of it, and closes the application, whatever happens.
    ///
    /// ```swift
    /// let app = try await NestFactory.create(AppModule.self)
    /// try app.setGlobalPrefix("api")
    /// try await app.test(.router) { client in
    ///     let orders = try await client.get("/api/orders")
    ///     #expect(orders.status == .ok)
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - depth: Through a socket on a free port, whatever port the options say, or straight to the routes.
    ///   - body: The test.
    /// - Throws: What `start()` and `body` throw.
    public func test<Value>(
        _ depth: HTTPTestDepth = .live, _ body: (HTTPTestClient) async throws -> Value
    ) async throws -> Value {
        do {
            let value = try await body(try await startForTest(depth))
            await close()
            return value
        } catch {
            await close()
            throw error
        }
    }

    private func startForTest(_ depth: HTTPTestDepth) async throws -> HTTPTestClient {
        switch depth {
        case .live:
            try http.set(port: 0)
            try await start()
            return HTTPTestClient(backend: try LiveBackend(endpoint: endpoints.first { $0.scheme == "http" }))
        case .router:
            try host.settings { [http] _, listeners in
                listeners = listeners.map { $0 is HTTPListener ? SilentListener(base: http) : $0 }
            }
            try await start()
            return HTTPTestClient(backend: RouterBackend(app: self))
        }
    }
}

extension LiveBackend {
    fileprivate init(endpoint: Endpoint?) throws {
        guard case .host(let host, let port)? = endpoint?.location else {
            throw TransportError(
                .invalidConfiguration,
                "the application listens to no `http://` address: test TLS with a client of its own")
        }
        self.init(host: host, port: port)
    }
}
