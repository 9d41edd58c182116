/** Files on their way to the server; what has arrived becomes part of the draft. */

import { ref } from 'vue'
import { body, rest } from '@/api/client'
import { asProblem } from '@/api/problem'
import type { Attachment, Problem } from '@shared/protocol'

export interface Upload {
  key: number
  file: File
  problem: Problem | null
}

const MOST = 10 * 1024 * 1024

export function useUploads(conversation: () => string, done: (file: Attachment) => void) {
  const uploads = ref<Upload[]>([])
  let last = 0

  async function push(upload: Upload): Promise<void> {
    upload.problem = null
    const form = new FormData()
    form.append('file', upload.file)
    try {
      const file = await body(rest.POST('/api/attachments', { params: { query: { conversation: conversation() } }, body: {}, bodySerializer: () => form }))
      drop(upload.key)
      done(file)
    } catch (error) {
      const held = uploads.value.find((item) => item.key === upload.key)
      if (held) held.problem = asProblem(error)
    }
  }
  function add(files: Iterable<File>): void {
    for (const file of files) {
      const upload: Upload = { key: ++last, file, problem: file.size > MOST ? { id: 'attachment_too_large', status: 413, params: { limit: MOST } } : null }
      uploads.value.push(upload)
      if (!upload.problem) void push(upload)
    }
  }
  const drop = (key: number) => void (uploads.value = uploads.value.filter((item) => item.key !== key))
  return { uploads, add, drop, again: push }
}
