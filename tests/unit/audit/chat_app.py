"""A code base of the shape that a chat's team has: Next.js, a Node.js server with sockets, PostgreSQL, Redis."""

from pathlib import Path

FILES = {
    "package.json": """{
  "name": "chat",
  "dependencies": {"next": "15.0.0", "react": "19.0.0", "socket.io": "4.8.0", "@prisma/client": "6.0.0", "prom-client": "15.0.0"}
}
""",
    "pnpm-lock.yaml": """packages:
  '@opentelemetry/api@1.9.0':
    resolution: {integrity: sha512-x}
""",
    "server/index.ts": """import { createServer } from 'http'
import next from 'next'
import { Server } from 'socket.io'
import { createClient } from 'redis'
import { prisma } from '../src/lib/prisma'

const app = next({ dev: false })
const pub = createClient({ url: process.env.REDIS_URL })

async function start() {
  console.log('Starting server')
  try {
    await prisma.$queryRaw`SELECT 1`
    await prisma.$connect()
    console.log('Database connected')
  } catch (error) {
    console.error('Database connection failed', error)
  }
  await app.prepare()
  const server = createServer(app.getRequestHandler())
  const io = new Server(server)
  io.on('connection', (socket) => {
    console.log('connected', socket.id)
    socket.on('message', async (message) => {
      io.to(message.roomId).emit('new-message', message)
    })
    socket.on('disconnect', (reason) => {
      console.log('disconnected', socket.id, reason)
    })
  })
  server.listen(3000)
  process.on('SIGTERM', () => server.close())
}

start()
""",
    "src/lib/prisma.ts": """import { PrismaClient } from '@prisma/client'
export const prisma = new PrismaClient()
""",
    "src/lib/audit.ts": """import { prisma } from './prisma'
export async function writeAuditLog(action: string, userId: string, metadata: object) {
  await prisma.auditLog.create({ data: { action, userId, metadata } })
}
""",
    "src/lib/metrics.ts": """const slowQueries: { sql: string; ms: number }[] = []
const roomActivity = new Map<string, number>()

export function slowQuery(sql: string, ms: number) {
  slowQueries.push({ sql, ms })
}
export function roomMessage(roomId: string) {
  roomActivity.set(roomId, (roomActivity.get(roomId) ?? 0) + 1)
}
""",
    "src/lib/telemetry.ts": """let connections = 0
export function opened() {
  connections += 1
}
""",
    "src/lib/rateLimit.ts": """// TODO: Redis, for several instances
const store = new Map<string, { count: number; reset: number }>()
export function limited(key: string): boolean {
  const found = store.get(key) ?? { count: 0, reset: Date.now() + 60000 }
  store.set(key, { ...found, count: found.count + 1 })
  return found.count > 10
}
""",
    "src/lib/socket.ts": """'use client'
import { io } from 'socket.io-client'

export const socket = io('/')
socket.on('disconnect', (reason) => {
  console.warn('socket gone', reason)
})
export function send(roomId: string, text: string) {
  socket.emit('message', { roomId, text })
}
""",
    "src/app/layout.tsx": """export default function Layout({ children }: { children: React.ReactNode }) {
  return <html><body>{children}</body></html>
}
""",
    "src/components/ChatRoom.tsx": """'use client'
import { useEffect } from 'react'
export function ChatRoom() {
  useEffect(() => {
    if (process.env.NODE_ENV === 'development') {
      console.log('joined')
    }
    fetch('/api/rooms').catch(() => {})
  }, [])
  return <div />
}
""",
    "src/app/api/chat/messages/[messageId]/reactions/route.ts": """import { NextResponse } from 'next/server'
import { prisma } from '@/lib/prisma'
import { limited } from '@/lib/rateLimit'

export async function POST(request: Request) {
  try {
    if (limited('x')) {
      return NextResponse.json({ ok: false, code: 'RATE_LIMITED', message: 'Slow down' }, { status: 429 })
    }
    await prisma.reaction.create({ data: await request.json() })
    return NextResponse.json({ ok: true })
  } catch (error) {
    console.error('reaction failed', error)
    return NextResponse.json({ ok: false, code: 'INTERNAL_ERROR', message: 'Failed' }, { status: 500 })
  }
}
""",
    "src/app/api/ai/ticket-assistant/route.ts": """import { NextResponse } from 'next/server'
import OpenAI from 'openai'

const client = new OpenAI()
const conversations: Record<string, string[]> = {}

export async function POST(request: Request) {
  const { userId, text } = await request.json()
  conversations[userId] = [...(conversations[userId] ?? []), text]
  try {
    const context = await fetch(process.env.CONTEXT_URL + userId)
    return NextResponse.json(await client.responses.create({ model: 'm', input: await context.text() }))
  } catch (error) {
    return NextResponse.json({ ok: false, code: 'AI_FAILED', message: 'Failed' }, { status: 500 })
  }
}

export async function GET() {
  return NextResponse.json(conversations)
}
""",
    "src/lib/__tests__/rateLimit.test.ts": """test('limits', () => { try { x() } catch {} })
""",
}


def write(root: Path) -> Path:
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root
