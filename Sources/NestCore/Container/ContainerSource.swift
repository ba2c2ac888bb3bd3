/// What one module sees, for one object being made.
struct ContainerSource: ResolutionSource {
    let container: ApplicationContext
    let module: ModuleHandle
    let scope: CallScope?
    let construction: Construction

    func instance(for token: Token) async throws -> (any Sendable)? {
        try await container.find(token, from: module, scope: scope, for: construction)
    }

    func missing(_ token: Token) -> ApplicationError { .notFound(token, from: module, container.graph) }
}

extension ApplicationError {
    static func notFound(_ token: Token, from module: ModuleHandle, _ graph: ApplicationGraph) -> ApplicationError {
        ApplicationError(
            .notFound,
            "\(module) neither provides nor imports \(token)\(graph.visibility.hint(about: token, from: module))")
    }

    static func outsideRequest(_ label: String, for construction: Construction?) -> ApplicationError {
        let asker = construction.map { ", and \($0.record.label) is asked for outside of one" } ?? ""
        return ApplicationError(.wrongScope, "\(label) lives for one message or request\(asker)")
    }

    static let applicationClosed = ApplicationError(.closed, "the application is closed")
}
