public import Logging

/// Makes applications. Which kinds there are depends on what is imported: this module makes application contexts,
/// others add microservices and HTTP servers.
public enum NestFactory {
    /// Makes an application without any listener: its objects, and their lifecycle hooks on the way up.
    ///
    /// ```swift
    /// let app = try await NestFactory.createApplicationContext(AppModule.self)
    /// try await app.get(Importer.self).run()
    /// await app.close()
    /// ```
    ///
    /// - Parameters:
    ///   - module: The root module.
    ///   - modules: More modules, as if the root module imported them.
    ///   - logger: For what must not be thrown, such as errors of hooks on the way down.
    ///   - overrides: For tests: what to provide instead.
    /// - Throws: ``WiringError`` with everything that is wrong with the modules, before any object is made;
    ///   ``ApplicationError`` when a factory or a hook throws. Whatever was made is shut down again then.
    public static func createApplicationContext<M: Module>(
        _ module: M.Type, modules: [DynamicModule] = [], logger: Logger = Logger(label: "nest"),
        overrides: [ProviderOverride] = []
    ) async throws -> ApplicationContext {
        let graph = ApplicationGraph(root: module, modules: modules, overrides: overrides, logger: logger)
        let context = try await graph.makeContext()
        try await context.initialize()
        return context
    }
}

extension ApplicationGraph {
    /// Makes every singleton; calls no hook on the way up.
    ///
    /// - Throws: ``WiringError`` when the graph has problems; what a factory threw, as
    ///   ``ApplicationError/Code/constructionFailed``, after what was made before it was shut down again.
    package func makeContext() async throws -> ApplicationContext {
        try check()
        let context = ApplicationContext(self)
        do {
            try await context.makeSingletons()
            return context
        } catch {
            await context.close()
            throw error
        }
    }
}
