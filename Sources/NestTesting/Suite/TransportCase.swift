/// One thing a transport must do.
public struct TransportCase: Sendable, CustomStringConvertible {
    /// What it must do, as a sentence.
    public let name: String
    /// What the transport must promise for the case to apply.
    public let needs: Guarantees
    /// Needs a stage that can cut connections.
    public let needsCut: Bool
    /// How long the case may take in all.
    public let timeLimit: Duration
    private let body: @Sendable (SuiteBench) async throws -> Void

    init(
        _ name: String, needs: Guarantees = [], needsCut: Bool = false, timeLimit: Duration = .seconds(60),
        _ body: @escaping @Sendable (SuiteBench) async throws -> Void
    ) {
        self.name = name
        self.needs = needs
        self.needsCut = needsCut
        self.timeLimit = timeLimit
        self.body = body
    }

    /// The name.
    public var description: String { name }

    /// Why the case does not apply to a transport; nil when it does.
    public func whyNot(on fixture: TransportFixture) -> String? {
        let missing = needs.subtracting(fixture.guarantees)
        if !missing.isEmpty { return "not promised: \(missing)" }
        if needsCut, !fixture.canCut { return "connections cannot be cut here" }
        return fixture.exempt[name]
    }

    /// Runs the case on a stage of its own.
    ///
    /// - Throws: ``SuiteFailure`` when the transport does not keep its word, ``TimeLimitExceeded`` when something
    ///   hangs, and whatever the transport throws unasked.
    public func run(on fixture: TransportFixture) async throws {
        let stage = try await fixture.makeStage()
        let bench = SuiteBench(stage: stage, guarantees: fixture.guarantees)
        do {
            try await within(timeLimit, name) { [body] in try await body(bench) }
        } catch {
            await bench.close()
            throw error
        }
        try await within(.seconds(30), "taking down after: \(name)") { await bench.close() }
    }
}
