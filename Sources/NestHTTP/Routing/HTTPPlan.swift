import HTTPTypes

/// One HTTP handler of a controller, before any object exists.
struct HTTPPlan: Sendable {
    let entry: ControllerEntry
    let controller: any Controller.Type
    let method: HTTPRequest.Method
    /// The controller's path and the handler's own, without the global prefix.
    let path: RoutePath
    let name: String
    let options: HTTPHandlerOptions
    /// The controller's around the handler's own.
    let enhancers: [Enhancers]
    /// Joins the handler with the controller, or with the way to get one for each request.
    let bind: @Sendable (ControllerSource) throws -> BoundHTTPHandler

    /// `Orders.create`, for people.
    var label: String { "\(controller).\(name)" }
}

/// A handler that knows its controller.
struct BoundHTTPHandler: Sendable {
    /// The way that cannot suspend; nil when the handler or the making of its controller is async.
    let inline: (@Sendable (HTTPCall) throws -> HandlerResult)?
    let invoke: @Sendable (HTTPCall, CallScope?) async throws -> HandlerResult
}

extension HTTPPlan {
    /// The HTTP handlers of every controller; controllers of other fronts have none.
    static func all(of entries: [ControllerEntry]) -> [HTTPPlan] {
        entries.flatMap { entry -> [HTTPPlan] in
            guard let type = entry.type as? any Controller.Type else { return [] }
            return plans(of: type, entry)
        }
    }

    private static func plans<C: Controller>(of type: C.Type, _ entry: ControllerEntry) -> [HTTPPlan] {
        C.handlers.compactMap { $0.binding as? HTTPBinding<C> }.map { binding in
            let path = RoutePath(C.path, binding.path)
            return HTTPPlan(
                entry: entry, controller: type, method: binding.method, path: path,
                name: binding.name.isEmpty ? "\(binding.method) \(path)" : binding.name, options: binding.options,
                enhancers: [C.enhancers, binding.enhancers], bind: { try binding.bound(to: $0) })
        }
    }
}

extension HTTPBinding {
    fileprivate func bound(to source: ControllerSource) throws -> BoundHTTPHandler {
        switch source {
        case .singleton(let object):
            let controller = try Self.cast(object)
            return BoundHTTPHandler(inline: inline(on: controller)) { [invoke] call, _ in
                try await invoke(controller, call)
            }
        case .perMessage(let find):
            return BoundHTTPHandler(inline: nil) { [invoke] call, scope in
                try await invoke(Self.cast(find(scope)), call)
            }
        }
    }

    private func inline(on controller: C) -> (@Sendable (HTTPCall) throws -> HandlerResult)? {
        guard let inline else { return nil }
        return { call in try inline(controller, call) }
    }

    private static func cast(_ object: any Sendable) throws -> C {
        guard let controller = object as? C else {
            throw ApplicationError(.wrongType, "\(type(of: object)) was made where \(C.self) was asked for")
        }
        return controller
    }
}
