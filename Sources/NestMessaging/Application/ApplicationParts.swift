/// What an application gives to its listeners when it starts.
package struct ApplicationParts: Sendable {
    /// The application's objects.
    package let context: ApplicationContext
    /// What stands around every handler.
    package let globals: GlobalEnhancers
    /// Whom to ask for readiness and health.
    package let host: ApplicationHost
    /// The application's logger.
    package let logger: Logger

    /// Finds controllers, and what stands around their handlers.
    package var chains: ChainBuilder { ChainBuilder(context: context, globals: globals) }
}
