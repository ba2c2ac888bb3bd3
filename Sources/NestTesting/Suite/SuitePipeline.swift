/// Says in the instance's log that it was there, before and after.
struct SuiteInterceptor: Interceptor {
    let name: String
    let log: Watched<[String]>

    func intercept(_ context: ExecutionContext, next: CallHandler) async throws -> HandlerResult {
        log.append("\(name) before")
        defer { log.append("\(name) after") }
        return try await next.handle()
    }
}

/// Lets those pass whose payload is not `"stop"`.
struct SuiteGuard: Guard {
    let log: Watched<[String]>

    func canActivate(_ context: ExecutionContext) async throws -> Bool {
        log.append("guard")
        return context.message?.payload != (try Payload(json: #""stop""#))
    }
}

/// Refuses `"invalid"`.
struct SuitePipe: Pipe {
    let log: Watched<[String]>

    func transform(payload: Payload, _ context: ExecutionContext) async throws -> Payload {
        log.append("pipe")
        if payload == (try Payload(json: #""invalid""#)) { throw TransportError(.rejected, "invalid") }
        return payload
    }
}

/// Turns `SuiteCrash` into an error of the application's.
struct SuiteFilter: ExceptionFilter {
    let log: Watched<[String]>

    func `catch`(_ error: any Error, _ context: ExecutionContext) async throws -> HandlerResult {
        log.append("filter")
        guard error is SuiteCrash else { throw error }
        throw TransportError("translated", "the filter knows it")
    }
}
