// Answers of the browser shell that are no WebSocket: files of the renderer, and refusals.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { isDocument, type PageDocument, readDocument } from './page-document.ts'
import { isLoopbackHost, pathOf } from './request-origin.ts'
import { findStaticFile, securityHeaders, sendStaticFile } from './static-files.ts'

/** Answers with a file of the renderer or a refusal. May throw where the file cannot be read. */
export function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  rendererDirectory: string,
): void {
  const { headers, method, url } = request
  // Nobody needs a body from us to read; what comes is thrown away.
  request.resume()
  if (!isLoopbackHost(headers.host)) {
    refuse(response, 421, 'This server answers loopback names only.')
    return
  }
  if (method !== 'GET' && method !== 'HEAD') {
    refuse(response, 405, 'This server answers GET only.')
    return
  }
  const path = pathOf(url)
  const file = path === undefined ? undefined : findStaticFile(rendererDirectory, path)
  const document = file && isDocument(file) ? readDocument(file) : undefined
  const policy = securityHeaders(`'self' ws://${headers.host}`, document?.nonce)
  for (const [name, value] of Object.entries(policy)) response.setHeader(name, value)
  if (document) sendDocument(response, document, method === 'GET')
  else if (file) sendStaticFile(response, file, method === 'GET')
  else refuse(response, path === undefined ? 400 : 404, 'There is no such file.')
}

function sendDocument(response: ServerResponse, { content }: PageDocument, withBody: boolean): void {
  const body = Buffer.from(content)
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': body.byteLength,
    'cache-control': 'no-store',
  })
  response.end(withBody ? body : undefined)
}

/** Answers in plain text. Cuts the connection where an answer has begun already. */
export function refuse(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'close',
  })
  response.end(`${text}\n`)
}

/**
 * Ends a connection whose request failed. One that sent nothing in time gets no answer: browsers open connections ahead of
 * need and would take a refusal for the answer to a request that is on its way; one that is closed they repeat elsewhere.
 */
export function endFailed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code !== 'ERR_HTTP_REQUEST_TIMEOUT') endWith(socket, 400)
  else if (socket instanceof Socket && socket.bytesRead === 0) socket.destroy()
  else endWith(socket, 408)
}

/** For connections that have no response to write to. */
export function endWith(socket: Duplex, status: number): void {
  socket.on('error', () => socket.destroy())
  if (!socket.writable) {
    socket.destroy()
    return
  }
  socket.end(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () =>
    socket.destroy(),
  )
}
