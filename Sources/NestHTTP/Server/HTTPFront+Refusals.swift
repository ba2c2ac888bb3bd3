import HTTPTypes
import HummingbirdCore
import NIOCore

// Answers that no handler gives: told to the log once, and counted like all others.

extension HTTPFront {
    /// The answer to a request that cannot be served because of its head.
    func refuse(_ request: HummingbirdRequest, _ problem: HTTPException) -> HTTPAnswer {
        note(problem, route: nil, peer: nil)
        count(problem)
        return HTTPAnswer(ProblemDocument(error: problem, instance: String(request.path)))
    }

    /// A connection has given its last answer in the handler's stead. A request that is being handled is counted when
    /// the handler ends.
    func gaveUp(_ problem: HTTPException, _ connection: HTTPConnection, isServing: Bool) {
        note(problem, route: isServing ? connection.route : nil, peer: connection.peer)
        if !isServing { count(problem) }
    }

    private func count(_ problem: HTTPException) {
        guard let unmatched else { return }
        unmatched.begin()
        unmatched.end(status: problem.status, since: .now())
    }

    private func note(_ problem: HTTPException, route: HTTPRoute?, peer: String?) {
        var facts: Logger.Metadata = [
            HTTPLogKey.status: "\(problem.status)", LogKey.error: .string(problem.message),
        ]
        if let peer { facts[LogKey.peer] = .string(peer) }
        if let info = route?.info {
            facts[HTTPLogKey.method] = .string(info.method.rawValue)
            facts[HTTPLogKey.route] = .string(info.path.description)
        }
        logger.log(level: problem.status >= 504 ? .warning : .debug, "request given up", metadata: facts)
    }
}
