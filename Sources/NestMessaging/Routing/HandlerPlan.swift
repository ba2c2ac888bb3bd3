/// One message handler of a controller, before any object exists.
struct HandlerPlan: Sendable {
    let entry: ControllerEntry
    let controller: any Controller.Type
    let kind: MessageKind
    let pattern: Pattern
    let name: String
    let options: HandlerOptions
    /// The controller's around the handler's own.
    let enhancers: [Enhancers]
    /// Joins the handler with the controller, or with the way to get one for each message.
    let bind: @Sendable (ControllerSource) throws -> BoundHandler

    /// `Orders.create`, for people.
    var label: String { "\(controller).\(name)" }
}

/// Where a handler's controller comes from.
package enum ControllerSource: Sendable {
    case singleton(any Sendable)
    case perMessage(@Sendable (CallScope?) async throws -> any Sendable)
}

/// A handler that knows its controller.
struct BoundHandler: Sendable {
    /// The way without a task; nil when the handler or the making of its controller is async.
    let inline: InlineHandler?
    let invoke: @Sendable (HandlerCall, CallScope?) async throws -> HandlerResult
}

extension HandlerPlan {
    /// The message handlers of every controller; controllers of other fronts have none.
    static func all(of entries: [ControllerEntry]) -> [HandlerPlan] {
        entries.flatMap { entry -> [HandlerPlan] in
            guard let type = entry.type as? any Controller.Type else { return [] }
            return plans(of: type, entry)
        }
    }

    private static func plans<C: Controller>(of type: C.Type, _ entry: ControllerEntry) -> [HandlerPlan] {
        C.handlers.compactMap { $0.binding as? MessageBinding<C> }.map { binding in
            HandlerPlan(
                entry: entry, controller: type, kind: binding.kind, pattern: binding.pattern,
                name: binding.name.isEmpty ? binding.pattern.name : binding.name, options: binding.options,
                enhancers: [C.enhancers, binding.enhancers], bind: { try binding.bound(to: $0) })
        }
    }
}

extension MessageBinding {
    fileprivate func bound(to source: ControllerSource) throws -> BoundHandler {
        switch source {
        case .singleton(let object):
            let controller = try Self.cast(object)
            return BoundHandler(inline: inline(on: controller)) { [invoke] call, _ in
                try await invoke(controller, call)
            }
        case .perMessage(let find):
            return BoundHandler(inline: nil) { [invoke] call, scope in
                try await invoke(Self.cast(find(scope)), call)
            }
        }
    }

    private func inline(on controller: C) -> InlineHandler? {
        guard let inline else { return nil }
        return { context, writer in try inline(controller, context, &writer) }
    }

    private static func cast(_ object: any Sendable) throws -> C {
        guard let controller = object as? C else {
            throw ApplicationError(.wrongType, "\(type(of: object)) was made where \(C.self) was asked for")
        }
        return controller
    }
}
