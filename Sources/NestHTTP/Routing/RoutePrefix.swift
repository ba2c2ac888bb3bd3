/// What stands before the paths of all routes, but for some.
struct RoutePrefix: Sendable {
    var text = ""
    /// Paths, as controllers and handlers say them, that stay as they are.
    var excluded: [RoutePath] = []

    func path(of route: RoutePath) -> RoutePath {
        excluded.contains { $0.shape == route.shape } ? route : RoutePath(text, route.description)
    }
}
