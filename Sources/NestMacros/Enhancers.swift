// One declaration for each kind; what they have in common is told at the first.

/// Puts guards before a handler, or before every handler of a controller: they decide whether a call may go on.
///
/// ```swift
/// @Controller @UseGuards(AuthGuard.self)
/// struct Orders {
///     @UseGuards(RolesGuard("admin")) @MessagePattern("orders.delete") func delete(_ id: Int) { … }
/// }
/// ```
///
/// A type is resolved in the controller's module; a value is used as it is. Several are asked in the order written, those
/// of the application first, then the controller's, then the handler's. By hand: `static var enhancers` of the
/// controller, and `enhancers:` of a handler.
///
/// - Parameter guards: Types that are `Guard & Injectable`, or values that are `Guard`.
@attached(peer)
public macro UseGuards(_ guards: Any...) = #externalMacro(module: "NestMacrosPlugin", type: "EnhancerMacro")

/// Puts interceptors around a handler, or around every handler of a controller: they see the call and the result, the
/// first one outermost. Used as ``UseGuards(_:)`` is.
///
/// - Parameter interceptors: Types that are `Interceptor & Injectable`, or values that are `Interceptor`.
@attached(peer)
public macro UseInterceptors(_ interceptors: Any...) =
    #externalMacro(module: "NestMacrosPlugin", type: "EnhancerMacro")

/// Puts pipes before a handler, or before every handler of a controller: they check or change its payload. Used as
/// ``UseGuards(_:)`` is. A handler that has pipes is run with a task.
///
/// - Parameter pipes: Types that are `Pipe & Injectable`, or values that are `Pipe`.
@attached(peer)
public macro UsePipes(_ pipes: Any...) = #externalMacro(module: "NestMacrosPlugin", type: "EnhancerMacro")

/// Puts exception filters after a handler, or after every handler of a controller: they turn what was thrown into an
/// answer or another error. Used as ``UseGuards(_:)`` is; the handler's filters are asked before the controller's.
///
/// - Parameter filters: Types that are `ExceptionFilter & Injectable`, or values that are `ExceptionFilter`.
@attached(peer)
public macro UseFilters(_ filters: Any...) = #externalMacro(module: "NestMacrosPlugin", type: "EnhancerMacro")
