/// What stands around every handler of an application.
package struct GlobalEnhancers: Sendable {
    /// Around everything, guards included.
    package var middleware: [any Interceptor] = []
    package var enhancers = Enhancers()
}
