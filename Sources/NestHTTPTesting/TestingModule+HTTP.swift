extension TestingModule {
    /// Makes an HTTP application, not started yet: settings come next, then its `test`.
    ///
    /// - Parameter options: How the front behaves.
    /// - Throws: As `NestFactory.create` does; an override of what nobody provides is an error too.
    public func createHTTP(options: HTTPOptions = HTTPOptions(port: 0)) async throws -> NestApplication {
        try await NestFactory.create(Root.self, modules: modules, options: options, overrides: overrides)
    }

    /// Runs `body` with the started HTTP application and a client of it, and shuts both down afterwards, whatever
    /// happens.
    ///
    /// ```swift
    /// try await TestingModule(AppModule.self)
    ///     .overrideProvider((any Mailer).self).with(value: mailer)
    ///     .withHTTP { app, client in
    ///         let orders = try await client.get("/orders")
    ///         #expect(orders.status == .ok)
    ///     }
    /// ```
    ///
    /// - Parameters:
    ///   - depth: Through a socket on a free port, or straight to the routes.
    ///   - options: How the front behaves.
    ///   - configure: Makes settings before the start: `{ try $0.setGlobalPrefix("api") }`.
    ///   - body: The test.
    public func withHTTP<Value>(
        _ depth: HTTPTestDepth = .live, options: HTTPOptions = HTTPOptions(port: 0),
        configure: (NestApplication) throws -> Void = { _ in },
        _ body: (NestApplication, HTTPTestClient) async throws -> Value
    ) async throws -> Value {
        let app = try await createHTTP(options: options)
        try configure(app)
        return try await app.test(depth) { client in try await body(app, client) }
    }
}
