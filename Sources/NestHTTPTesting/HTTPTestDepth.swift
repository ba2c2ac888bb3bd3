/// How deep a test goes into the application.
public enum HTTPTestDepth: Sendable, CaseIterable {
    /// Through a socket on a free port of this machine: connections, time limits and bytes are real.
    case live
    /// Straight to the routes, without a socket: the same hooks, middleware, guards, pipes and answers, quicker. What a
    /// connection does is not there: time limits, keep-alive comments, `Expect`, compression, HTTP that is malformed.
    case router
}
