/// What stands around every handler of an application.
struct GlobalEnhancers: Sendable {
    /// Around everything, guards included.
    var middleware: [any Interceptor] = []
    var enhancers = Enhancers()
}
