/// What stands around a handler, or around every handler of a controller.
public struct Enhancers: Sendable {
    /// In order.
    public var guards: [GuardReference]
    /// Outermost first.
    public var interceptors: [InterceptorReference]
    /// In order.
    public var pipes: [PipeReference]
    /// First asked first.
    public var filters: [FilterReference]

    /// Nothing unless given.
    public init(
        guards: [GuardReference] = [], interceptors: [InterceptorReference] = [], pipes: [PipeReference] = [],
        filters: [FilterReference] = []
    ) {
        self.guards = guards
        self.interceptors = interceptors
        self.pipes = pipes
        self.filters = filters
    }
}

extension Enhancers {
    /// The types among them, which have dependencies of their own.
    var providers: [any Injectable.Type] {
        guards.compactMap(\.source.type) + interceptors.compactMap(\.source.type) + pipes.compactMap(\.source.type)
            + filters.compactMap(\.source.type)
    }
}

/// An object, or the type of a provider to ask the controller's module for.
package enum EnhancerSource<Enhancer>: Sendable {
    case instance(@Sendable () -> Enhancer)
    /// Makes or finds the provider.
    case provider(any Injectable.Type, cast: @Sendable (any Injectable) -> Enhancer?)

    var type: (any Injectable.Type)? {
        guard case .provider(let type, _) = self else { return nil }
        return type
    }
}

/// A guard: an object, or an injectable type.
public struct GuardReference: Sendable {
    package let source: EnhancerSource<any Guard>

    /// The guard itself.
    public init(_ instance: some Guard) { source = .instance { instance } }

    /// A type to be resolved in the controller's module, or made with its dependencies when it is no provider there.
    public init<Enhancer: Guard & Injectable>(_ type: Enhancer.Type) {
        source = .provider(type) { $0 as? any Guard }
    }
}

/// An interceptor: an object, or an injectable type.
public struct InterceptorReference: Sendable {
    package let source: EnhancerSource<any Interceptor>

    /// The interceptor itself.
    public init(_ instance: some Interceptor) { source = .instance { instance } }

    /// A type to be resolved in the controller's module, or made with its dependencies when it is no provider there.
    public init<Enhancer: Interceptor & Injectable>(_ type: Enhancer.Type) {
        source = .provider(type) { $0 as? any Interceptor }
    }
}

/// A pipe: an object, or an injectable type.
public struct PipeReference: Sendable {
    package let source: EnhancerSource<any Pipe>

    /// The pipe itself.
    public init(_ instance: some Pipe) { source = .instance { instance } }

    /// A type to be resolved in the controller's module, or made with its dependencies when it is no provider there.
    public init<Enhancer: Pipe & Injectable>(_ type: Enhancer.Type) { source = .provider(type) { $0 as? any Pipe } }
}

/// An exception filter: an object, or an injectable type.
public struct FilterReference: Sendable {
    package let source: EnhancerSource<any ExceptionFilter>

    /// The filter itself.
    public init(_ instance: some ExceptionFilter) { source = .instance { instance } }

    /// A type to be resolved in the controller's module, or made with its dependencies when it is no provider there.
    public init<Enhancer: ExceptionFilter & Injectable>(_ type: Enhancer.Type) {
        source = .provider(type) { $0 as? any ExceptionFilter }
    }
}
