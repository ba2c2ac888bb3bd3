/// How long an object lives, and who shares it.
public enum Scope: Sendable, Hashable {
    /// One for the application, made at start.
    case singleton
    /// A new one for each place that it is injected into.
    case transient
    /// One for each message or HTTP request, made when it is first needed.
    ///
    /// Whatever depends on it is request-scoped as well, up to the controller, whatever it declares. A transient stays
    /// one, but can be had in a request only.
    case request
}
