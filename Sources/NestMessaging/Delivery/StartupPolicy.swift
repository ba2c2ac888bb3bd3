/// What a service does when its broker cannot be reached at start.
public enum StartupPolicy: Sendable, Hashable {
    /// The first failure ends the start with an error.
    case failFast
    /// Tries again for so long, then fails with the last error. The default: 30 seconds.
    case retry(for: Duration)
    /// Starts without the broker and goes on trying; readiness tells.
    case background
}
