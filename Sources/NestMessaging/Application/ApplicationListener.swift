/// One server of an application to be: over a message transport, or HTTP.
package protocol ApplicationListener: Sendable {
    /// A short constant name, `"tcp"`: in logs and health.
    var transport: String { get }
    /// How long it wants to go on answering after readiness has told no. The longest of all listeners counts.
    var drainDelay: Duration { get }
    /// What is wrong with its handlers, one sentence each; asked before anything starts.
    func problems(in graph: ApplicationGraph) -> [String]
    /// Makes its server, once the hooks on the way up have been called. Listens to nothing yet.
    func makeRunner(_ parts: ApplicationParts) async throws -> ServerRunner
}

extension ApplicationListener {
    package var drainDelay: Duration { .zero }
}
