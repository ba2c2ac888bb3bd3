/// What a path leads to.
enum HTTPTarget: Sendable {
    case route(HTTPRoute)
    case probe(HealthProbe)
}
